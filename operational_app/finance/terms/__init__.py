"""Terms of payment: when a document is due, in which parts, and what paying early takes off it."""
