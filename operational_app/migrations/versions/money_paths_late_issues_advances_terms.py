"""Ways of money: late issues of stock, advances to suppliers, terms of payment, payments across currencies."""

import sqlalchemy as sa
from alembic import op

revision = "money_paths"
down_revision = "0001"


def upgrade() -> None:
    _late_issues()


def _late_issues() -> None:
    for name, condition in (
        ("kind", "kind in ('price_difference', 'late_receipt', 'late_issue', 'revaluation')"),
        ("late_is_no_fact", "(kind in ('late_receipt', 'late_issue')) = (sequence IS NULL)"),
        ("late_corrects_one", "sequence IS NOT NULL OR num_nonnulls(stock_move_id, corrects_id) = 1"),
    ):
        _checked_as("stock_cost_line", "erp", name, condition)
    for table, name, comment in (
        (
            "delivery_line",
            "cost_adjustment",
            "What late entries of stock added to the cost (negative: took off), each a cost line of its own.",
        ),
        ("production_component", "issued_amount", "Its value, with what late entries changed."),
        (
            "stock_cost_line",
            "kind",
            "Why: price_difference (the bill differs from the order), late_receipt, late_issue (what left costs something "
            "else, now that a receipt or an issue was entered late), revaluation (a new standard cost).",
        ),
        ("stock_cost_line", "sequence", "Place among all moves and cost lines of the item; empty for late entries."),
        ("stock_cost_line", "costing_date", "Day in the order of costing; empty for late entries."),
    ):
        op.alter_column(table, name, comment=comment, schema="erp")


def _checked_as(table: str, schema: str, name: str, condition: str) -> None:
    """Put another truth in the place of one that a table is checked by."""
    full_name = op.f(f"ck_{table}_{name}")
    op.drop_constraint(full_name, table, schema=schema, type_="check")
    op.create_check_constraint(full_name, table, sa.text(condition), schema=schema)
