"""Collecting from customers: money that comes in, and which invoices it pays, in one currency or across two."""
