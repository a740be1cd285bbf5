"""From the customer's order to the goods on their way."""
