"""What suppliers credit: goods that went back, and prices that were too high."""
