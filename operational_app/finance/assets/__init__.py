"""Fixed assets: what they cost, what they lose a month, what is left when they go."""
