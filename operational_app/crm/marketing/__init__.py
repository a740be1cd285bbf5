"""Leads: who showed interest, from where, and what became of it."""
