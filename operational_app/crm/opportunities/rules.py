"""How a deal may go on, and how likely it then is."""

from decimal import Decimal

# (from, to): every transition an opportunity can make; what is won or lost stays so.
TRANSITIONS = frozenset({("open", "won"), ("open", "lost")})

WON, LOST = Decimal(1), Decimal(0)


def probability(state: str, of_stage: Decimal) -> Decimal:
    """How likely a deal in this state is, whose stage has that probability."""
    return {"won": WON, "lost": LOST}.get(state, of_stage)
