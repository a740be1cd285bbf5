"""The customer record: one party in the role of customer."""
