"""Sums of journal lines by account and month, indexes on what is open, and requests of API tokens counted in the store."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "ledger_turnover",
        sa.Column("company_id", sa.BigInteger(), nullable=False, comment="Company that the row belongs to."),
        sa.Column("ledger_account_id", sa.BigInteger(), nullable=False, comment="Account, of the same company."),
        sa.Column("currency", sa.Text(), nullable=False, comment="Currency of debit and credit."),
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the month of the entries' posting dates."),
        sa.Column(
            "part",
            sa.BigInteger(),
            nullable=False,
            comment="Which of the postings that were at work at the same time added here.",
        ),
        sa.Column("debit", sa.Numeric(30, 4), nullable=False, comment="Sum of the lines' debits in their currency."),
        sa.Column("credit", sa.Numeric(30, 4), nullable=False, comment="Sum of the lines' credits in their currency."),
        sa.Column(
            "company_debit",
            sa.Numeric(30, 4),
            nullable=False,
            comment="Sum of their debits in the company's currency.",
        ),
        sa.Column(
            "company_credit",
            sa.Numeric(30, 4),
            nullable=False,
            comment="Sum of their credits in the company's currency.",
        ),
        sa.PrimaryKeyConstraint(
            "company_id", "ledger_account_id", "currency", "month", "part", name=op.f("pk_ledger_turnover")
        ),
        schema="finance",
        comment="Sums of journal lines by account, currency and month, in parts that add up.",
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(
        "ix_sales_order_line_to_invoice",
        "sales_order_line",
        ["sales_order_id"],
        schema="erp",
        postgresql_where=sa.text("quantity_invoiced + quantity_taken_back < quantity"),
    )
    for table in ("receipt_of_money", "credit_note"):
        op.create_index(
            f"ix_{table}_open", table, ["customer_id"], schema="finance", postgresql_where=sa.text("state = 'open'")
        )
    op.create_index(
        "ix_change_log_deleted",
        "change_log",
        ["schema_name", "table_name", "xid"],
        schema="core",
        postgresql_where=sa.text("operation = 'D'::bpchar"),
    )
    op.create_table(
        "api_allowance",
        sa.Column("kind", sa.Text(), nullable=False, comment="token, or user for all tokens of one."),
        sa.Column("row_id", sa.BigInteger(), nullable=False, comment="Row of the token or of the user."),
        sa.Column(
            "requests",
            sa.Numeric(12, 6),
            nullable=False,
            comment="Requests that were left then; it fills with time.",
        ),
        sa.Column(
            "counted_at", sa.DateTime(timezone=True), nullable=False, comment="When they were counted."
        ),
        sa.PrimaryKeyConstraint("kind", "row_id", name=op.f("pk_api_allowance")),
        schema="core",
        comment="How many requests each token, and all tokens of each user together, have left now.",
        prefixes=["UNLOGGED"],
    )
