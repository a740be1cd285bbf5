"""Items, stock, sales, purchasing and production: the flow of goods."""
