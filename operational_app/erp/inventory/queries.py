"""Reading stock: its value on a day, its history in the order of costing, the card of an item."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from operational_app.erp.inventory.rules import Fact, Pool

# The average cost is shown only; it is a quotient, rounded, and no value is worked out from it.
VALUATION = text(
    """
    SELECT i.number AS item, i.name, i.unit, sum(m.quantity) AS quantity, sum(m.value) AS value, c.currency,
           CASE WHEN sum(m.quantity) <> 0 THEN round(sum(m.value) / sum(m.quantity), 6) END AS average_cost
    FROM (SELECT company_id, item_id, business_date, recorded_at, quantity, value FROM erp.stock_move
          UNION ALL
          SELECT company_id, item_id, business_date, recorded_at, 0, value FROM erp.stock_cost_line) m
    JOIN erp.item i ON i.id = m.item_id JOIN core.company c ON c.id = m.company_id
    WHERE m.company_id = :company AND m.business_date <= :end
      AND (CAST(:known AS timestamptz) IS NULL OR m.recorded_at <= CAST(:known AS timestamptz))
    GROUP BY i.number, i.name, i.unit, c.currency
    HAVING sum(m.quantity) <> 0 OR sum(m.value) <> 0
    ORDER BY i.number
    """
)

# Days as the company lives them; within a day as it was recorded. Transfers leave quantity and value as they are.
STOCK_LEDGER = text(
    """
    WITH facts AS (
      SELECT m.item_id, m.business_date, m.recorded_at, m.id AS place, m.kind, p.code AS stock_location,
             m.document_type, m.document_id, m.quantity, m.value
      FROM erp.stock_move m JOIN erp.stock_location p ON p.id = m.stock_location_id
      WHERE m.company_id = :company
      UNION ALL
      SELECT l.item_id, l.business_date, l.recorded_at, l.id, l.kind, NULL, l.document_type, l.document_id, 0, l.value
      FROM erp.stock_cost_line l WHERE l.company_id = :company
    ), running AS (
      SELECT f.*, sum(f.quantity) OVER upto AS balance_quantity, sum(f.value) OVER upto AS balance_value
      FROM facts f
      WHERE f.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR f.recorded_at <= CAST(:known AS timestamptz))
      WINDOW upto AS (PARTITION BY f.item_id ORDER BY f.business_date, f.recorded_at, f.quantity DESC, f.place
                      ROWS UNBOUNDED PRECEDING)
    )
    SELECT i.number AS item, i.name, r.business_date, r.kind, coalesce(d.number, '') AS document,
           coalesce(r.stock_location, '') AS stock_location, i.unit, r.quantity, r.value, c.currency,
           r.balance_quantity, r.balance_value
    FROM running r JOIN erp.item i ON i.id = r.item_id JOIN core.company c ON c.id = i.company_id
    LEFT JOIN LATERAL (
      SELECT number FROM erp.delivery WHERE r.document_type = 'delivery' AND id = r.document_id
      UNION ALL SELECT number FROM erp.customer_return WHERE r.document_type = 'customer_return' AND id = r.document_id
      UNION ALL SELECT number FROM erp.goods_receipt WHERE r.document_type = 'goods_receipt' AND id = r.document_id
      UNION ALL SELECT number FROM erp.production_order WHERE r.document_type = 'production_order' AND id = r.document_id
      UNION ALL SELECT number FROM erp.purchase_order WHERE r.document_type = 'purchase_order' AND id = r.document_id
      UNION ALL SELECT number FROM erp.stock_adjustment WHERE r.document_type = 'stock_adjustment' AND id = r.document_id
      UNION ALL SELECT number FROM erp.stock_transfer WHERE r.document_type = 'stock_transfer' AND id = r.document_id
    ) d ON true
    WHERE r.business_date >= :start AND (CAST(:item AS text) IS NULL OR i.number = CAST(:item AS text))
    ORDER BY i.number, r.business_date, r.recorded_at, r.quantity DESC, r.place
    """
)

# What is worth what so far: a move with all that was corrected on it later.
FACTS = """
    facts AS (
      SELECT m.id AS stock_move_id, CAST(NULL AS bigint) AS cost_line_id, m.kind, m.quantity,
             m.value + coalesce(sum(l.value), 0) AS value, m.costing_date, m.sequence, m.business_date,
             m.document_type, m.document_id, m.document_line_id, m.returned_move_id, m.id AS layer
      FROM erp.stock_move m
      LEFT JOIN erp.stock_cost_line l ON l.stock_move_id = m.id AND l.sequence IS NULL
      WHERE m.item_id = :item AND m.kind <> 'transfer'
      GROUP BY m.id
      UNION ALL
      SELECT NULL, c.id, c.kind, 0, c.value + coalesce(sum(l.value), 0), c.costing_date, c.sequence, c.business_date,
             c.document_type, c.document_id, c.document_line_id, NULL, c.stock_move_id
      FROM erp.stock_cost_line c
      LEFT JOIN erp.stock_cost_line l ON l.corrects_id = c.id
      WHERE c.item_id = :item AND c.sequence IS NOT NULL
      GROUP BY c.id
    )"""

# From the last moment before the late fact at which nothing was there: what was before that cannot change.
HISTORY = text(
    f"""
    WITH {FACTS}, running AS (
      SELECT f.*, sum(f.quantity) OVER (ORDER BY f.costing_date, f.sequence) AS on_hand FROM facts f
    ), empty AS (
      SELECT costing_date, sequence FROM running
      WHERE on_hand = 0 AND (costing_date, sequence) < (:day, :sequence)
      ORDER BY costing_date DESC, sequence DESC LIMIT 1
    )
    SELECT r.*, o.document_type AS returned_type, o.document_line_id AS returned_line_id
    FROM running r LEFT JOIN erp.stock_move o ON o.id = r.returned_move_id
    WHERE NOT EXISTS (SELECT FROM empty e WHERE (r.costing_date, r.sequence) <= (e.costing_date, e.sequence))
    ORDER BY r.costing_date, r.sequence
    """
)

POOLS = text(
    f"""
    WITH {FACTS}
    SELECT coalesce(o.document_type, f.document_type) AS type, coalesce(o.document_line_id, f.document_line_id) AS line,
           -sum(f.quantity) AS quantity, -sum(f.value) AS value
    FROM facts f LEFT JOIN erp.stock_move o ON o.id = f.returned_move_id
    WHERE (f.quantity < 0 OR o.id IS NOT NULL) AND (f.costing_date, f.sequence) < (:day, :sequence)
      AND coalesce(o.document_line_id, f.document_line_id) = ANY(:lines)
    GROUP BY 1, 2
    """
)


# What leaves on a day leaves after all that the day has; it has to be there then and after each fact that follows.
FIRST_DAY_WITH = text(
    """
    WITH moves AS (
      SELECT costing_date, sequence, quantity FROM erp.stock_move WHERE item_id = :item AND kind <> 'transfer'
    ), running AS (
      SELECT costing_date, sum(quantity) OVER place AS on_hand, lead(costing_date) OVER place AS next_day
      FROM moves WINDOW place AS (ORDER BY costing_date, sequence)
    )
    SELECT greatest(CAST(:day AS date), (SELECT min(costing_date) FROM moves),
                    (SELECT max(next_day) FROM running WHERE on_hand < :quantity AND next_day > :day))
    """
)


@dataclass(frozen=True)
class PastFact:
    """A fact of an item's history, and the move or cost line that it stands for."""

    fact: Fact
    kind: str
    stock_move_id: int | None
    cost_line_id: int | None
    costing_date: date
    sequence: int
    business_date: date
    document_type: str
    document_id: int
    document_line_id: int
    returned_line_id: int | None


def history_since_empty(session: Session, item_id: int, day: date, sequence: int) -> list[PastFact]:
    """An item's facts in the order of costing, from the last moment before this place at which nothing was there."""
    rows = session.execute(HISTORY, {"item": item_id, "day": day, "sequence": sequence})
    return [_past_fact(row) for row in rows]


def first_day_with(session: Session, item_id: int, day: date, quantity: Decimal) -> date:
    """The first day from `day` on after which, in the order of costing, never less than `quantity` was there.

    An issue that leaves on that day, after all that the day has, makes the stock negative at no place of its history.
    """
    return session.execute(FIRST_DAY_WITH, {"item": item_id, "day": day, "quantity": quantity}).scalar_one()


def _past_fact(row: Row[Any]) -> PastFact:
    pool = None
    if row.cost_line_id is not None:
        kind = "correction"
    elif row.returned_move_id is not None:
        kind, pool = "back", (row.returned_type, row.returned_line_id)
    elif row.quantity < 0:
        kind, pool = "out", (row.document_type, row.document_line_id)
    else:
        kind = "in"
    return PastFact(
        fact=Fact(kind, abs(row.quantity), row.value, row.layer, pool),
        kind=row.kind,
        stock_move_id=row.stock_move_id,
        cost_line_id=row.cost_line_id,
        costing_date=row.costing_date,
        sequence=row.sequence,
        business_date=row.business_date,
        document_type=row.document_type,
        document_id=row.document_id,
        document_line_id=row.document_line_id,
        returned_line_id=row.returned_line_id,
    )


def pools_before(session: Session, item_id: int, past: Sequence[PastFact]) -> dict[Any, Pool]:
    """Outgoing line → quantity and cost of it that was out before this history, for lines of which something came back."""
    lines = [one.fact.pool[1] for one in past if one.fact.kind == "back" and isinstance(one.fact.pool, tuple)]
    if not lines:
        return {}
    first = past[0]
    rows = session.execute(
        POOLS, {"item": item_id, "day": first.costing_date, "sequence": first.sequence, "lines": lines}
    )
    return {(row.type, row.line): (row.quantity, row.value) for row in rows}


def stock_valuation(session: Session, company_id: int, end: date, known: datetime | None = None) -> Sequence[Row[Any]]:
    """Quantity and value of each item at the end of a day, over all places: item, name, unit, quantity, value, …."""
    return session.execute(VALUATION, {"company": company_id, "end": end, "known": known}).all()


def stock_ledger(
    session: Session, company_id: int, start: date, end: date, known: datetime | None = None, item: str | None = None
) -> Sequence[Row[Any]]:
    """Every move and correction of the days with the quantity and value after it; of one item, by its number, or of all."""
    asked = {"company": company_id, "start": start, "end": end, "known": known, "item": item}
    return session.execute(STOCK_LEDGER, asked).all()
