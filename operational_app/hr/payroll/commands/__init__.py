"""Verbs about pay."""
