"""How a payroll becomes lines of the ledger without showing anyone's pay: cost centres, small ones merged, and the proof."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
# A total of fewer people than this would show what one of them earns to a colleague who knows the other.
SMALLEST_GROUP = 3


@dataclass(frozen=True)
class Centre:
    """A cost centre of a payroll: its department (None: several merged), whose cost it is, heads, and cost."""

    department_id: int | None
    cost_kind: str
    head_count: int
    gross: Decimal
    employer: Decimal

    @property
    def total(self) -> Decimal:
        return self.gross + self.employer


def merged(centres: Sequence[Centre], smallest: int = SMALLEST_GROUP) -> list[Centre]:
    """Centres of fewer than `smallest` people become one, together with the next larger ones until it is large enough.

    The whole stays the same. Where all people together are fewer, all is one line.
    """
    rest = sorted(centres, key=lambda c: (c.head_count, str(c.department_id)))
    pool: list[Centre] = []
    while rest and (rest[0].head_count < smallest or pool and _heads(pool) < smallest):
        pool.append(rest.pop(0))
    if not pool:
        return sorted(rest, key=lambda c: str(c.department_id))
    largest = max(pool, key=lambda c: c.head_count)
    one = Centre(
        None if len(pool) > 1 else pool[0].department_id,
        largest.cost_kind,
        _heads(pool),
        sum((c.gross for c in pool), ZERO),
        sum((c.employer for c in pool), ZERO),
    )
    return [*sorted(rest, key=lambda c: str(c.department_id)), one]


def _heads(centres: Sequence[Centre]) -> int:
    return sum(c.head_count for c in centres)


def proof_of(payslips: Iterable[tuple[str, Decimal, Decimal]], salt: str) -> str:
    """SHA-256 over every payslip's number, gross and employer's part, with a salt that stays with the payroll.

    It stands on the journal entry: whoever may see the payslips shows by it that they are those that were posted; without the
    salt nobody can try out amounts.
    """
    lines = sorted(f"{number}|{gross:f}|{employer:f}" for number, gross, employer in payslips)
    return hashlib.sha256("\n".join([salt, *lines]).encode()).hexdigest()
