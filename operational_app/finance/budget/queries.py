"""Reading budgets: which one a purchase falls under, what a document holds of it, and budget against actual."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Row, func, or_, select, text
from sqlalchemy.orm import Session

from operational_app.finance.budget.models import BudgetBalance, BudgetMovement, ItemAccount


class Held(NamedTuple):
    """What a document holds of a budget."""

    budget_balance_id: int
    document_line_id: int | None
    reserved: Decimal
    committed: Decimal


def default_account(session: Session, company_id: int, item_id: int, item_group: str | None) -> int | None:
    """Account on which purchases of an item are budgeted: its own, or else its group's."""
    return session.scalars(
        select(ItemAccount.ledger_account_id)
        .where(
            ItemAccount.company_id == company_id,
            or_(ItemAccount.item_id == item_id, ItemAccount.item_group == item_group),
        )
        .order_by(ItemAccount.item_id.is_(None))
        .limit(1)
    ).one_or_none()


def balance_for(
    session: Session, company_id: int, year: int, ledger_account_id: int, department_id: int | None
) -> int | None:
    """The budget in force that bears a purchase: the department's, or else the company's; None where nothing is budgeted."""
    return session.scalars(
        select(BudgetBalance.id)
        .where(
            BudgetBalance.company_id == company_id,
            BudgetBalance.year == year,
            BudgetBalance.ledger_account_id == ledger_account_id,
            or_(BudgetBalance.department_id == department_id, BudgetBalance.department_id.is_(None)),
        )
        .order_by(BudgetBalance.department_id.is_(None))
        .limit(1)
    ).one_or_none()


def held_by(session: Session, document_type: str, document_id: int) -> list[Held]:
    """What a document holds of budgets, by line, in an order in which everybody locks."""
    reserved = func.sum(BudgetMovement.reserved_change)
    committed = func.sum(BudgetMovement.committed_change)
    return [
        Held(*row)
        for row in session.execute(
            select(BudgetMovement.budget_balance_id, BudgetMovement.document_line_id, reserved, committed)
            .where(BudgetMovement.document_type == document_type, BudgetMovement.document_id == document_id)
            .group_by(BudgetMovement.budget_balance_id, BudgetMovement.document_line_id)
            .having(or_(reserved != 0, committed != 0))
            .order_by(BudgetMovement.budget_balance_id, BudgetMovement.document_line_id)
        )
    ]


# A department's budget bears what its lines booked on the account; the company's bears what no department's budget does. As
# known at an earlier moment: the version that was approved then (the change log says so) and what had moved it by then.
AGAINST_ACTUAL = text(
    """
    WITH approved AS (
      SELECT b.id, b.year FROM finance.budget b
      WHERE b.company_id = :company AND CASE WHEN CAST(:known AS timestamptz) IS NULL THEN b.state = 'approved'
        ELSE b.id = (SELECT x.id FROM core.change_log g JOIN finance.budget x ON x.id = CAST(g.row_key AS bigint)
                     WHERE g.schema_name = 'finance' AND g.table_name = 'budget' AND x.company_id = :company
                       AND x.year = b.year AND g.after->>'state' = 'approved'
                       AND g.before->>'state' IS DISTINCT FROM 'approved'
                       AND g.recorded_at <= CAST(:known AS timestamptz)
                     ORDER BY g.sequence DESC LIMIT 1) END
    ), moved AS (
      SELECT m.budget_balance_id, sum(m.reserved_change) AS reserved, sum(m.committed_change) AS committed,
             sum(m.used_change) AS used
      FROM finance.budget_movement m
      WHERE m.company_id = :company
        AND (CAST(:known AS timestamptz) IS NULL OR m.recorded_at <= CAST(:known AS timestamptz))
      GROUP BY 1
    ), budgets AS (
      SELECT b.year, b.ledger_account_id, b.department_id, coalesce(l.amount, 0) AS amount,
             coalesce(m.reserved, 0) AS reserved, coalesce(m.committed, 0) AS committed, coalesce(m.used, 0) AS used
      FROM finance.budget_balance b
      LEFT JOIN approved v ON v.year = b.year
      LEFT JOIN finance.budget_line l ON l.budget_id = v.id AND l.ledger_account_id = b.ledger_account_id
        AND l.department_id IS NOT DISTINCT FROM b.department_id
      LEFT JOIN moved m ON m.budget_balance_id = b.id
      WHERE b.company_id = :company AND (l.id IS NOT NULL OR m.budget_balance_id IS NOT NULL)
        AND make_date(CAST(b.year AS int), 12, 31) >= :start AND make_date(CAST(b.year AS int), 1, 1) <= :end
    ), booked AS (
      SELECT l.ledger_account_id, CAST(extract(year FROM e.posting_date) AS bigint) AS year, l.department_id,
             sum(l.company_debit - l.company_credit) AS amount
      FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
      WHERE l.company_id = :company AND e.posting_date BETWEEN :start AND :end
        AND (CAST(:known AS timestamptz) IS NULL OR e.recorded_at <= CAST(:known AS timestamptz))
      GROUP BY 1, 2, 3
    ), actual AS (
      SELECT b.year, b.ledger_account_id, o.department_id, sum(b.amount) AS amount
      FROM booked b
      LEFT JOIN budgets o ON o.year = b.year AND o.ledger_account_id = b.ledger_account_id
        AND o.department_id = b.department_id
      GROUP BY 1, 2, 3
    )
    SELECT b.year, a.code AS account, a.name, d.code AS department, b.amount AS budget, b.reserved, b.committed, b.used,
           b.amount - b.reserved - b.committed - b.used AS available,
           coalesce(x.amount, 0) * CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END AS actual,
           b.amount - coalesce(x.amount, 0) * CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END AS variance
    FROM budgets b
    JOIN finance.ledger_account a ON a.id = b.ledger_account_id
    LEFT JOIN hr.department d ON d.id = b.department_id
    LEFT JOIN actual x ON x.ledger_account_id = b.ledger_account_id AND x.year = b.year
      AND x.department_id IS NOT DISTINCT FROM b.department_id
    ORDER BY b.year, a.code, d.code NULLS FIRST
    """
)


def budget_against_actual(session: Session, company_id: int, start: date, end: date, known: Any) -> Sequence[Row[Any]]:
    """Each budget in force of the years asked for, what is promised of it, and what the ledger booked in those days."""
    return session.execute(AGAINST_ACTUAL, {"company": company_id, "start": start, "end": end, "known": known}).all()
