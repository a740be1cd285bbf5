"""Readers of outside sources: one folder per kind, one contract (`base.py`). Knows neither the lake nor the app."""
