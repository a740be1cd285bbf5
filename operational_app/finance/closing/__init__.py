"""Month end: accruals, and whether a period may be closed."""
