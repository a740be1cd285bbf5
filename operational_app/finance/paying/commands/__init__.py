"""Verbs about money that goes out to suppliers: pay a bill, all that are due, or in advance; say what an advance pays.

Money that has paid no bill yet is an advance: a claim on goods, kept at the rate of the day on which it was paid.
"""

from operational_app.finance.paying.commands.money import BillPaid
from operational_app.finance.paying.commands.paying import PaySupplier, pay_supplier

__all__ = ["BillPaid", "PaySupplier", "pay_supplier"]
