"""Net requirements: what has to be bought and made, when, and for whom."""
