"""Deliveries: what leaves for the customer, and its release for invoicing."""
