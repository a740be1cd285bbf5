"""Goods that come in from suppliers, and go back."""
