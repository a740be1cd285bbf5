"""Budgets: what may be spent, and the ledger of what is reserved, committed and used."""
