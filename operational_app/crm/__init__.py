"""Customers: who they are, what they are told, what they might buy, what they complain about."""
