"""Arithmetic of budgets: what is left, and which part of a commitment a bill takes up."""

from decimal import Decimal

from operational_app.core.money import rounded


def available(amount: Decimal, reserved: Decimal, committed: Decimal, used: Decimal) -> Decimal:
    """What may still be reserved or committed; negative where more has been used than was planned."""
    return amount - reserved - committed - used


def taken_up(
    committed: Decimal, ordered: Decimal, billed: Decimal, billed_before: Decimal, minor_units: int
) -> Decimal:
    """The part of a line's commitment that a bill takes up; the bill for the last of the line takes all that is left.

    Args:
        committed: what is still committed for the line.
        ordered, billed, billed_before: quantities of the line: ordered, on this bill, on bills before it.
    """
    left = ordered - billed_before
    if billed >= left:
        return committed
    return min(committed, rounded(committed * billed / left, minor_units))
