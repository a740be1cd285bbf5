"""Crediting customers: credit notes, what they settle, and money that goes back."""
