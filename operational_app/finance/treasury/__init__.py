"""Bank accounts, their statements, and which line of a statement is which document."""
