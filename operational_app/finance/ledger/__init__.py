"""The general ledger: accounts, entries, charts of accounts."""
