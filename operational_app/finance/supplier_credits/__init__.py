"""Credit notes of suppliers: what need not be paid of bills, or comes back."""
