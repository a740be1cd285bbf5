"""Cost allocation: an amount on one account spread over others by a driver."""
