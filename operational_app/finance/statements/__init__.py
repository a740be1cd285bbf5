"""What the ledger says of a company: balance sheet, income statement, general ledger."""
