"""Goods that customers send back: into stock at what they had cost, and on to the credit note."""
