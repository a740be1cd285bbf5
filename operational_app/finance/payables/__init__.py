"""Payables: bills of suppliers and the money that goes out for them."""
