"""Journals from elsewhere: a file of entries, brought into the ledger all or nothing."""
