"""The books for an independent check: the whole ledger of a company as CSV, for hledger, for beancount."""
