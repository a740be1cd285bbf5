"""The books: ledger, receivables, payables, tax, budgets, assets, treasury."""
