"""What part of a balance's carrying amount leaves with a part of the balance."""

from decimal import Decimal

from operational_app.core.money import rounded


def carried_share(balance: Decimal, carried: Decimal, settled: Decimal, minor_units: int) -> Decimal:
    """The carrying amount, in the company's currency, of the part of a balance that is settled.

    At the average of the balance; the last of it takes all that is carried, so that nothing stays behind. All three have the
    balance's sign or are zero.
    """
    return carried if settled == balance else rounded(carried * settled / balance, minor_units)
