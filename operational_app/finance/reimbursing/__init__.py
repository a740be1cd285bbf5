"""What is owed to employees for what they laid out, and how it is paid."""
