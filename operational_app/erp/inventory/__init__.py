"""What lies where, what it is worth, and every move of it."""
