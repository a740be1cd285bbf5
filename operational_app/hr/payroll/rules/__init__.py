"""Arithmetic of pay: formulas, tax, insurance, months, cost centres. Pure."""
