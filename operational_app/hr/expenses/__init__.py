"""What employees lay out for the company: kinds of expense, and claims for the money."""
