"""Receivables: invoices to customers and the money that comes in for them."""
