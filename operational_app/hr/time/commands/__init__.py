"""Verbs about leave, shifts, punches and attendance."""
