"""Findings about resources in some days: utilisation, yield, stock turns, supplier lateness, cost variance.

Each subject that was used gets one finding with its figure, what to change, and the money effect in the company's
currency; `keep` where nothing need change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from operational_app.core.models import Company, Currency
from operational_app.core.money import rounded
from operational_app.erp.engineering.models import WorkCentre
from operational_app.erp.engineering.queries import calendars
from operational_app.erp.engineering.rules import working_days_between
from operational_app.erp.resources import rules


@dataclass(frozen=True)
class Finding:
    """What was found about one subject: `subject` is work_centre_id, item_id or supplier_id, `id` its row."""

    kind: str
    subject: str
    id: int
    measure: Decimal
    proposal: str
    effect_amount: Decimal


WORKED = text("""
    SELECT work_centre_id, sum(hours) AS hours FROM erp.production_labour
    WHERE company_id = :company AND business_date BETWEEN :first AND :last GROUP BY 1""")

# What a spoilt unit cost: its part of what its order cost so far.
MADE = text("""
    SELECT o.item_id, coalesce(sum(m.quantity), 0) AS completed, coalesce(sum(s.quantity), 0) AS scrapped,
           coalesce(sum((o.material_amount + o.labour_amount) * s.quantity / o.quantity), 0) AS scrap_cost
    FROM erp.production_order o
    LEFT JOIN (SELECT document_id, sum(quantity) AS quantity FROM erp.stock_move
               WHERE kind = 'completion' AND business_date BETWEEN :first AND :last GROUP BY 1) m ON m.document_id = o.id
    LEFT JOIN (SELECT production_order_id, sum(quantity) AS quantity FROM erp.production_scrap
               WHERE business_date BETWEEN :first AND :last GROUP BY 1) s ON s.production_order_id = o.id
    WHERE o.company_id = :company AND (m.quantity > 0 OR s.quantity > 0)
    GROUP BY 1 ORDER BY 1""")

USED = text("""
    SELECT v.item_id, v.value, coalesce(m.issued, 0) AS issued
    FROM erp.item_valuation v
    LEFT JOIN (SELECT item_id, -sum(value) AS issued FROM erp.stock_move
               WHERE kind IN ('delivery', 'issue') AND business_date BETWEEN :first AND :last GROUP BY 1) m
      ON m.item_id = v.item_id
    WHERE v.company_id = :company AND v.value > 0 ORDER BY 1""")

RECEIVED = text("""
    SELECT r.supplier_id, sum(l.order_value) AS value,
           sum(l.order_value * greatest(r.business_date - o.requested_date, 0)) AS late
    FROM erp.goods_receipt r
    JOIN erp.goods_receipt_line l ON l.goods_receipt_id = r.id
    JOIN erp.purchase_order o ON o.id = r.purchase_order_id
    WHERE r.company_id = :company AND r.kind = 'receipt' AND o.requested_date IS NOT NULL
      AND r.business_date BETWEEN :first AND :last
    GROUP BY 1 HAVING sum(l.order_value) > 0 ORDER BY 1""")

# Short orders are compared with the plan for what they were to make of them: good and spoilt units.
CLOSED = text("""
    SELECT item_id, sum(material_amount + labour_amount) AS actual,
           sum(planned_amount * (quantity_completed + quantity_scrapped) / quantity) AS planned
    FROM erp.production_order
    WHERE company_id = :company AND state = 'closed' AND closed_date BETWEEN :first AND :last
    GROUP BY 1 HAVING sum(planned_amount) > 0 ORDER BY 1""")


def findings(session: Session, company: Company, first: date, last: date) -> list[Finding]:
    """All findings of the days from `first` to `last`."""
    minor_units = session.get_one(Currency, company.currency).minor_units
    days = (last - first).days + 1
    span = {"company": company.id, "first": first, "last": last}

    def rows(query: Any) -> Iterator[Any]:
        return iter(session.execute(query, span))

    def finding(kind: str, subject: str, row_id: int, verdict: rules.Verdict) -> Finding:
        return Finding(kind, subject, row_id, verdict.measure, verdict.proposal, rounded(verdict.effect, minor_units))

    found = [
        finding("utilisation", "work_centre_id", centre, verdict)
        for centre, verdict in _utilisation(
            session, company.id, first, last, {r.work_centre_id: r.hours for r in rows(WORKED)}
        )
    ]
    found += [
        finding("yield", "item_id", r.item_id, rules.yield_of(r.completed, r.scrapped, r.scrap_cost))
        for r in rows(MADE)
    ]
    found += [
        finding("stock_turns", "item_id", r.item_id, rules.stock_turns(r.issued, days, r.value)) for r in rows(USED)
    ]
    found += [
        finding("supplier_lateness", "supplier_id", r.supplier_id, rules.supplier_lateness(r.late, r.value, days))
        for r in rows(RECEIVED)
    ]
    found += [
        finding("cost_variance", "item_id", r.item_id, rules.cost_variance(r.planned, r.actual)) for r in rows(CLOSED)
    ]
    return found


def _utilisation(
    session: Session, company_id: int, first: date, last: date, worked: dict[int, Decimal]
) -> Iterator[tuple[int, rules.Verdict]]:
    known = calendars(session, company_id)
    for centre in session.query(WorkCentre).where(WorkCentre.company_id == company_id).order_by(WorkCentre.code):
        days = working_days_between(first, last, *known[centre.work_calendar_id])
        hours = worked.get(centre.id, rules.ZERO)
        yield centre.id, rules.utilisation(hours, days * centre.capacity_hours, centre.cost_rate)
