"""Balances in foreign currencies: what they are worth at the end of a period, and what a settlement brought."""
