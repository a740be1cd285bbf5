"""Ways of money: late issues of stock, advances to suppliers, terms of payment, payments across currencies."""

import sqlalchemy as sa
from alembic import op

revision = "money_paths"
down_revision = "0001"


def upgrade() -> None:
    _late_issues()
    _advances_to_suppliers()
    _of_its_money("receipt_allocation", "invoice")
    _filled(
        "receipt_allocation", "UPDATE finance.receipt_allocation SET source_amount = amount", ("source_amount",)
    )


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


def _advances_to_suppliers() -> None:
    """What was paid before has all been allocated, on the day of its payment."""
    op.add_column(
        "payment",
        sa.Column("open_company_amount", sa.Numeric(20, 4), nullable=False, server_default="0",
                  comment="What the books still carry of the open part, in the company's currency."),
        schema="finance",
    )  # fmt: skip
    op.alter_column("payment", "open_company_amount", server_default=None, schema="finance")
    op.alter_column(
        "payment", "open_amount", comment="Part that is not allocated to a bill yet: an advance.", schema="finance"
    )
    for name, condition in (
        ("open_company_amount", "open_company_amount BETWEEN 0 AND company_amount"),
        (
            "carried_while_open",
            "(open_amount > 0 OR open_company_amount = 0) AND (open_amount < amount OR open_company_amount = company_amount)",
        ),
        (
            "carried_at_own",
            "exchange_rate_source <> 'own' OR company_amount = amount AND open_company_amount = open_amount",
        ),
    ):
        op.create_check_constraint(op.f(f"ck_payment_{name}"), "payment", sa.text(condition), schema="finance")
    _reference("payment", "purchase_order_id", "erp.purchase_order", "Order that was paid in advance.")
    _of_its_money("payment_allocation", "bill")
    op.add_column(
        "payment_allocation",
        sa.Column("business_date", sa.Date(), nullable=True, comment="Day on which the money paid the bill."),
        schema="finance",
    )
    _filled(
        "payment_allocation",
        "UPDATE finance.payment_allocation a SET business_date = p.business_date, source_amount = a.amount "
        "FROM finance.payment p WHERE p.id = a.payment_id",
        ("business_date", "source_amount"),
    )
    op.alter_column(
        "supplier_refund", "supplier_credit_note_id", existing_type=sa.BigInteger(), nullable=True, schema="finance"
    )
    _reference("supplier_refund", "payment_id", "finance.payment", "Payment whose money comes back.")
    op.create_check_constraint(
        op.f("ck_supplier_refund_one_source"),
        "supplier_refund",
        sa.text("num_nonnulls(supplier_credit_note_id, payment_id) = 1"),
        schema="finance",
    )


def _of_its_money(table: str, settled: str) -> None:
    """Beside what is settled of a document, what that takes of the money: it may be of another currency."""
    op.add_column(
        table,
        sa.Column("source_amount", sa.Numeric(20, 4), nullable=True,
                  comment="What it took of the money, in the money's currency."),
        schema="finance",
    )  # fmt: skip
    op.alter_column(
        table, "amount", comment=f"Amount settled, in the {settled}'s currency.", schema="finance"
    )
    op.create_check_constraint(op.f(f"ck_{table}_source_amount"), table, sa.text("source_amount > 0"), schema="finance")


def _filled(table: str, statement: str, columns: tuple[str, ...]) -> None:
    """Give new columns of rows that are immutable from now on their values, and let none be without."""
    op.execute(f"ALTER TABLE finance.{table} DISABLE TRIGGER USER")
    op.execute(statement)
    op.execute(f"ALTER TABLE finance.{table} ENABLE TRIGGER USER")
    for name in columns:
        op.alter_column(table, name, nullable=False, schema="finance")


def _reference(table: str, name: str, target: str, comment: str, schema: str = "finance") -> None:
    """A column that may name a row of another table, with the index that every reference has."""
    op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=True, comment=comment), schema=schema)
    to_schema, to_table = target.split(".")
    op.create_foreign_key(
        op.f(f"fk_{table}_{name}"), table, to_table, [name], ["id"],
        source_schema=schema, referent_schema=to_schema,
    )  # fmt: skip
    op.create_index(op.f(f"ix_{table}_{name}"), table, [name], schema=schema)


def _checked_as(table: str, schema: str, name: str, condition: str) -> None:
    """Put another truth in the place of one that a table is checked by."""
    full_name = op.f(f"ck_{table}_{name}")
    op.drop_constraint(full_name, table, schema=schema, type_="check")
    op.create_check_constraint(full_name, table, sa.text(condition), schema=schema)
