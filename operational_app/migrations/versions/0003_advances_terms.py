"""Ways of money: late issues of stock, advances to suppliers, terms of payment, payments across currencies."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _late_issues()
    _advances_to_suppliers()
    _of_its_money("receipt_allocation", "invoice")
    _filled(
        "receipt_allocation", "UPDATE finance.receipt_allocation SET source_amount = amount", ("source_amount",)
    )
    _terms_of_payment()



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


def _terms_of_payment() -> None:
    op.create_table('payment_term',
    sa.Column('code', sa.Text(), nullable=False, comment='Short name: N30, EOM10, 30-70.'),
    sa.Column('name', sa.Text(), nullable=False, comment='What they say, as on an invoice.'),
    sa.Column('discount_days', sa.BigInteger(), nullable=True, comment='Days within which paying takes the discount.'),
    sa.Column('discount_share', sa.Numeric(18, 8), nullable=True, comment='Discount for paying early, as a fraction of the total.'),
    sa.Column('state', sa.Text(), nullable=False, comment='active, or blocked: not for new documents.'),
    sa.Column('version', sa.BigInteger(), nullable=False, comment='Counts the changes; a writer must name the version it has read.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint("state in ('active', 'blocked')", name=op.f('ck_payment_term_state')),
    sa.CheckConstraint('discount_days between 0 and 365', name=op.f('ck_payment_term_discount_days')),
    sa.CheckConstraint('discount_share > 0 AND discount_share < 1', name=op.f('ck_payment_term_discount_share')),
    sa.CheckConstraint('num_nonnulls(discount_share, discount_days) <> 1', name=op.f('ck_payment_term_discount_whole')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_payment_term_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_term')),
    sa.UniqueConstraint('company_id', 'code', name=op.f('uq_payment_term_company_id_code')),
    schema='finance',
    comment='Terms of payment. Other terms are other rows: documents keep those that they were made with.',
    info={'posted': ('true', ('state', 'version'))}
    )
    op.create_index(op.f('ix_payment_term_company_id'), 'payment_term', ['company_id'], unique=False, schema='finance')
    op.create_table('payment_term_part',
    sa.Column('payment_term_id', sa.BigInteger(), nullable=False, comment='The terms.'),
    sa.Column('line_no', sa.BigInteger(), nullable=False, comment='Place of the line in its document.'),
    sa.Column('share', sa.Numeric(18, 8), nullable=False, comment="Part of the document's total, as a fraction."),
    sa.Column('counting', sa.Text(), nullable=False, comment="days after the document's day; end_of_month, days after the end of its month; day_of_month, the first such day then."),
    sa.Column('days', sa.BigInteger(), nullable=False, comment='Days to count.'),
    sa.Column('day_of_month', sa.BigInteger(), nullable=True, comment='Day of the month; in a shorter month its last.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint("(counting = 'day_of_month') = (day_of_month IS NOT NULL)", name=op.f('ck_payment_term_part_day_where_counted')),
    sa.CheckConstraint("counting in ('days', 'end_of_month', 'day_of_month')", name=op.f('ck_payment_term_part_counting')),
    sa.CheckConstraint('day_of_month between 1 and 31', name=op.f('ck_payment_term_part_day_of_month')),
    sa.CheckConstraint('days between 0 and 730', name=op.f('ck_payment_term_part_days')),
    sa.CheckConstraint('share > 0 AND share <= 1', name=op.f('ck_payment_term_part_share')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_payment_term_part_company_id')),
    sa.ForeignKeyConstraint(['payment_term_id'], ['finance.payment_term.id'], name=op.f('fk_payment_term_part_payment_term_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_term_part')),
    sa.UniqueConstraint('payment_term_id', 'line_no', name=op.f('uq_payment_term_part_payment_term_id_line_no')),
    schema='finance',
    comment='Parts in which a document is due.',
    info={'immutable': True}
    )
    op.create_index(op.f('ix_payment_term_part_company_id'), 'payment_term_part', ['company_id'], unique=False, schema='finance')
    op.create_table('bill_instalment',
    sa.Column('bill_id', sa.BigInteger(), nullable=False, comment='The bill.'),
    sa.Column('due_date', sa.Date(), nullable=False, comment='Day by which it is to be paid.'),
    sa.Column('amount', sa.Numeric(precision=20, scale=4), nullable=False, comment="Part of the document's total."),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('amount > 0', name=op.f('ck_bill_instalment_amount')),
    sa.ForeignKeyConstraint(['bill_id'], ['finance.bill.id'], name=op.f('fk_bill_instalment_bill_id')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_bill_instalment_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bill_instalment')),
    sa.UniqueConstraint('bill_id', 'due_date', name=op.f('uq_bill_instalment_bill_id_due_date')),
    schema='finance',
    comment='When how much of a bill is due, if not all on one day. What is paid pays the first first.',
    info={'immutable': True}
    )
    op.create_index(op.f('ix_bill_instalment_company_id'), 'bill_instalment', ['company_id'], unique=False, schema='finance')
    op.create_table('sales_invoice_instalment',
    sa.Column('sales_invoice_id', sa.BigInteger(), nullable=False, comment='The invoice.'),
    sa.Column('due_date', sa.Date(), nullable=False, comment='Day by which it is to be paid.'),
    sa.Column('amount', sa.Numeric(precision=20, scale=4), nullable=False, comment="Part of the document's total."),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('amount > 0', name=op.f('ck_sales_invoice_instalment_amount')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_sales_invoice_instalment_company_id')),
    sa.ForeignKeyConstraint(['sales_invoice_id'], ['finance.sales_invoice.id'], name=op.f('fk_sales_invoice_instalment_sales_invoice_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sales_invoice_instalment')),
    sa.UniqueConstraint('sales_invoice_id', 'due_date', name=op.f('uq_sales_invoice_instalment_sales_invoice_id_due_date')),
    schema='finance',
    comment='When how much of an invoice is due, if not all on one day. What comes in pays the first first.',
    info={'immutable': True}
    )
    op.create_index(op.f('ix_sales_invoice_instalment_company_id'), 'sales_invoice_instalment', ['company_id'], unique=False, schema='finance')
    op.add_column('party_role', sa.Column('payment_term_id', sa.BigInteger(), nullable=True, comment='Terms of payment agreed; empty: the payment days.'), schema='core')
    op.create_index(op.f('ix_party_role_payment_term_id'), 'party_role', ['payment_term_id'], unique=False, schema='core')
    op.create_foreign_key(op.f('fk_party_role_payment_term_id'), 'party_role', 'payment_term', ['payment_term_id'], ['id'], source_schema='core', referent_schema='finance')
    op.add_column('bill', sa.Column('payment_term_id', sa.BigInteger(), nullable=True, comment='Terms of payment that it was made with; empty: the days agreed with the party.'), schema='finance')
    op.add_column('bill', sa.Column('discount_until', sa.Date(), nullable=True, comment='Last day on which paying takes the discount that its terms give.'), schema='finance')
    op.add_column('bill', sa.Column('discount_share', sa.Numeric(18, 8), nullable=True, comment='Discount that its terms give for paying early, as a fraction of the total.'), schema='finance')
    op.alter_column('bill', 'due_date',
               existing_type=sa.DATE(),
               comment='Day by which it is to be paid; of instalments the first.',
               existing_comment='Day by which it is to be paid.',
               existing_nullable=False,
               schema='finance')
    op.create_index(op.f('ix_bill_payment_term_id'), 'bill', ['payment_term_id'], unique=False, schema='finance')
    op.create_foreign_key(op.f('fk_bill_payment_term_id'), 'bill', 'payment_term', ['payment_term_id'], ['id'], source_schema='finance', referent_schema='finance')
    op.add_column('payment_allocation', sa.Column('discount_amount', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment='Discount for paying early, which settles the bill beside the amount.'), schema='finance')
    op.add_column('payment_allocation', sa.Column('discount_company_amount', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment="The discount in the company's currency, at the rate of the money."), schema='finance')
    op.add_column('sales_invoice', sa.Column('payment_term_id', sa.BigInteger(), nullable=True, comment='Terms of payment that it was made with; empty: the days agreed with the party.'), schema='finance')
    op.add_column('sales_invoice', sa.Column('discount_until', sa.Date(), nullable=True, comment='Last day on which paying takes the discount that its terms give.'), schema='finance')
    op.add_column('sales_invoice', sa.Column('discount_share', sa.Numeric(18, 8), nullable=True, comment='Discount that its terms give for paying early, as a fraction of the total.'), schema='finance')
    op.alter_column('sales_invoice', 'due_date',
               existing_type=sa.DATE(),
               comment='Day by which it is to be paid; of instalments the first.',
               existing_comment='Day by which it is to be paid.',
               existing_nullable=False,
               schema='finance')
    op.create_index(op.f('ix_sales_invoice_payment_term_id'), 'sales_invoice', ['payment_term_id'], unique=False, schema='finance')
    op.create_foreign_key(op.f('fk_sales_invoice_payment_term_id'), 'sales_invoice', 'payment_term', ['payment_term_id'], ['id'], source_schema='finance', referent_schema='finance')
    for table, name, condition in (
        ("bill", "discount_whole", "num_nonnulls(discount_until, discount_share) <> 1"),
        ("sales_invoice", "discount_whole", "num_nonnulls(discount_until, discount_share) <> 1"),
        ("payment_allocation", "discount_amount", "discount_amount >= 0"),
    ):
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, sa.text(condition), schema="finance")
