"""Verbs about departments and employees."""
