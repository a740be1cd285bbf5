"""Paying suppliers: bills, all that are due, and in advance; what an advance pays later, and money that comes back."""
