"""Suppliers and what is ordered from them."""
