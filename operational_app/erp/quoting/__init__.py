"""Quotes: what we offer, for how long, and the order that comes of it."""
