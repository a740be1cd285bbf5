"""What settles what in two currencies: what an open item is carried at, and what the rates have made of it meanwhile."""
