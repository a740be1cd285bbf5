"""Documents in foreign currencies, and what else the month end has learned."""

import sqlalchemy as sa
from alembic import op


revision = 'currency'
down_revision = '0001'


EXISTING = {
    "erp.goods_receipt": "currency = (SELECT o.currency FROM erp.purchase_order o WHERE o.id = purchase_order_id)",
    "erp.goods_receipt_line": "company_order_value = order_value",
    "erp.purchase_order_line": "company_value_received = value_received, company_value_billed = value_billed",
    "finance.bill": "company_amount = total_amount, open_company_amount = open_amount",
    "finance.bill_line": "company_net_amount = net_amount, company_tax_amount = tax_amount",
    "finance.credit_allocation": "company_amount = amount, source_company_amount = amount",
    "finance.credit_note": "company_amount = total_amount, open_company_amount = open_amount",
    "finance.credit_note_line": "company_net_amount = net_amount, company_tax_amount = tax_amount",
    "finance.payment": "company_amount = amount",
    "finance.payment_allocation": "company_amount = amount, source_company_amount = amount",
    "finance.receipt_allocation": "company_amount = amount + discount_amount, source_company_amount = amount, discount_company_amount = discount_amount",
    "finance.receipt_of_money": "company_amount = amount, open_company_amount = open_amount",
    "finance.refund": "company_amount = amount, source_company_amount = amount",
    "finance.sales_invoice": "company_amount = total_amount, open_company_amount = open_amount",
    "finance.sales_invoice_line": "company_net_amount = net_amount, company_tax_amount = tax_amount",
}


def upgrade() -> None:
    op.drop_constraint(op.f('ck_purchase_order_line_billed'), 'purchase_order_line', schema='erp')
    op.create_table('dunning_level',
    sa.Column('level', sa.BigInteger(), nullable=False, comment='Level of the reminder: 1 is the first.'),
    sa.Column('days_overdue', sa.BigInteger(), nullable=False, comment='Days after the due date from which the reminder is sent.'),
    sa.Column('letter', sa.Text(), nullable=False, comment='Text of the letter; words in braces are filled in.'),
    sa.Column('version', sa.BigInteger(), nullable=False, comment='Counts the changes; a writer must name the version it has read.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('days_overdue >= 0', name=op.f('ck_dunning_level_days_overdue')),
    sa.CheckConstraint('level between 1 and 9', name=op.f('ck_dunning_level_level')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_dunning_level_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dunning_level')),
    sa.UniqueConstraint('company_id', 'level', name=op.f('uq_dunning_level_company_id_level')),
    schema='finance',
    comment='Reminders that a company sends to who pays late.'
    )
    op.create_index(op.f('ix_dunning_level_company_id'), 'dunning_level', ['company_id'], unique=False, schema='finance')
    op.create_table('dunning_run',
    sa.Column('notice_count', sa.BigInteger(), nullable=False, comment='Number of reminders sent.'),
    sa.Column('number', sa.Text(), nullable=False, comment='Number by which people call the document; gapless within company, type and year.'),
    sa.Column('state', sa.Text(), nullable=False, comment="State of the document; its allowed values and transitions stand in the area's rules."),
    sa.Column('business_date', sa.Date(), nullable=False, comment='Business date of the document: the day it counts for.'),
    sa.Column('created_by', sa.BigInteger(), nullable=False, comment='User who entered the document.'),
    sa.Column('version', sa.BigInteger(), nullable=False, comment='Counts the changes; a writer must name the version it has read.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint("state in ('sent')", name=op.f('ck_dunning_run_state')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_dunning_run_company_id')),
    sa.ForeignKeyConstraint(['created_by'], ['core.app_user.id'], name=op.f('fk_dunning_run_created_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dunning_run')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_dunning_run_company_id_number')),
    schema='finance',
    comment='Days on which reminders were sent.',
    info={'immutable': True}
    )
    op.create_index(op.f('ix_dunning_run_company_id'), 'dunning_run', ['company_id'], unique=False, schema='finance')
    op.create_table('dunning_notice',
    sa.Column('dunning_run_id', sa.BigInteger(), nullable=False, comment='Run that sent it.'),
    sa.Column('customer_id', sa.BigInteger(), nullable=False, comment='Customer who is reminded.'),
    sa.Column('level', sa.BigInteger(), nullable=False, comment='Level of the reminder: 1 is the first.'),
    sa.Column('currency', sa.Text(), nullable=False, comment='Currency of the amounts.'),
    sa.Column('total_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment='What was overdue in this currency.'),
    sa.Column('letter', sa.Text(), nullable=False, comment='The letter as it was sent.'),
    sa.Column('mailed_to', sa.Text(), nullable=True, comment='Address that the letter was mailed to; empty: print and post it.'),
    sa.Column('number', sa.Text(), nullable=False, comment='Number by which people call the document; gapless within company, type and year.'),
    sa.Column('state', sa.Text(), nullable=False, comment="State of the document; its allowed values and transitions stand in the area's rules."),
    sa.Column('business_date', sa.Date(), nullable=False, comment='Business date of the document: the day it counts for.'),
    sa.Column('created_by', sa.BigInteger(), nullable=False, comment='User who entered the document.'),
    sa.Column('version', sa.BigInteger(), nullable=False, comment='Counts the changes; a writer must name the version it has read.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint("state in ('sent')", name=op.f('ck_dunning_notice_state')),
    sa.CheckConstraint('total_amount > 0', name=op.f('ck_dunning_notice_total_amount')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_dunning_notice_company_id')),
    sa.ForeignKeyConstraint(['created_by'], ['core.app_user.id'], name=op.f('fk_dunning_notice_created_by')),
    sa.ForeignKeyConstraint(['currency'], ['core.currency.code'], name=op.f('fk_dunning_notice_currency')),
    sa.ForeignKeyConstraint(['customer_id'], ['core.party_role.id'], name=op.f('fk_dunning_notice_customer_id')),
    sa.ForeignKeyConstraint(['dunning_run_id'], ['finance.dunning_run.id'], name=op.f('fk_dunning_notice_dunning_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dunning_notice')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_dunning_notice_company_id_number')),
    schema='finance',
    comment='Reminders to customers, one for each customer and currency of a run.',
    info={'immutable': True}
    )
    op.create_index(op.f('ix_dunning_notice_company_id'), 'dunning_notice', ['company_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_dunning_notice_customer_id'), 'dunning_notice', ['customer_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_dunning_notice_dunning_run_id'), 'dunning_notice', ['dunning_run_id'], unique=False, schema='finance')
    op.create_table('dunning_notice_line',
    sa.Column('dunning_notice_id', sa.BigInteger(), nullable=False, comment='The reminder.'),
    sa.Column('sales_invoice_id', sa.BigInteger(), nullable=False, comment='The overdue invoice.'),
    sa.Column('due_date', sa.Date(), nullable=False, comment='Day by which it is to be paid.'),
    sa.Column('days_overdue', sa.BigInteger(), nullable=False, comment='Days since the due date on the day of the reminder.'),
    sa.Column('open_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment='What was open of it then.'),
    sa.Column('level', sa.BigInteger(), nullable=False, comment='Level of the reminder for this invoice.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_dunning_notice_line_company_id')),
    sa.ForeignKeyConstraint(['dunning_notice_id'], ['finance.dunning_notice.id'], name=op.f('fk_dunning_notice_line_dunning_notice_id')),
    sa.ForeignKeyConstraint(['sales_invoice_id'], ['finance.sales_invoice.id'], name=op.f('fk_dunning_notice_line_sales_invoice_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dunning_notice_line')),
    sa.UniqueConstraint('dunning_notice_id', 'sales_invoice_id', name=op.f('uq_dunning_notice_line_dunning_notice_id_sales_invoice_id')),
    schema='finance',
    comment='Invoices that a reminder named.',
    info={'immutable': True}
    )
    op.create_index(op.f('ix_dunning_notice_line_company_id'), 'dunning_notice_line', ['company_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_dunning_notice_line_sales_invoice_id'), 'dunning_notice_line', ['sales_invoice_id'], unique=False, schema='finance')
    op.create_table('supplier_credit_note',
    sa.Column('supplier_id', sa.BigInteger(), nullable=False, comment='Supplier who credits.'),
    sa.Column('bill_id', sa.BigInteger(), nullable=False, comment='Bill that is credited.'),
    sa.Column('supplier_reference', sa.Text(), nullable=False, comment='Number that the supplier gave the credit note.'),
    sa.Column('reason', sa.Text(), nullable=False, comment='Why: returned, price, damaged, other.'),
    sa.Column('currency', sa.Text(), nullable=False, comment='Currency of the amounts.'),
    sa.Column('subtotal', sa.Numeric(precision=20, scale=4), nullable=False, comment='Sum of the lines without tax.'),
    sa.Column('tax_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment='Value added tax.'),
    sa.Column('total_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment='Amount with tax.'),
    sa.Column('open_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment='Part that has settled no bill and has not come back yet.'),
    sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment="The document's total in the company's currency, at its rate, rounded once."),
    sa.Column('open_company_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment="What the books still carry of the open part, in the company's currency."),
    sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."),
    sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."),
    sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'),
    sa.Column('number', sa.Text(), nullable=False, comment='Number by which people call the document; gapless within company, type and year.'),
    sa.Column('state', sa.Text(), nullable=False, comment="State of the document; its allowed values and transitions stand in the area's rules."),
    sa.Column('business_date', sa.Date(), nullable=False, comment='Business date of the document: the day it counts for.'),
    sa.Column('created_by', sa.BigInteger(), nullable=False, comment='User who entered the document.'),
    sa.Column('version', sa.BigInteger(), nullable=False, comment='Counts the changes; a writer must name the version it has read.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint("(state = 'settled') = (open_amount = 0)", name=op.f('ck_supplier_credit_note_settled_means_nothing_open')),
    sa.CheckConstraint("exchange_rate_source <> 'own' OR company_amount = total_amount AND open_company_amount = open_amount", name=op.f('ck_supplier_credit_note_carried_at_own')),
    sa.CheckConstraint("exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", name=op.f('ck_supplier_credit_note_exchange_rate_source')),
    sa.CheckConstraint("reason in ('returned', 'price')", name=op.f('ck_supplier_credit_note_reason')),
    sa.CheckConstraint("state in ('open', 'settled')", name=op.f('ck_supplier_credit_note_state')),
    sa.CheckConstraint('(open_amount > 0 OR open_company_amount = 0) AND (open_amount < total_amount OR open_company_amount = company_amount)', name=op.f('ck_supplier_credit_note_carried_while_open')),
    sa.CheckConstraint('exchange_rate > 0', name=op.f('ck_supplier_credit_note_exchange_rate')),
    sa.CheckConstraint('open_amount between 0 and total_amount', name=op.f('ck_supplier_credit_note_open_amount')),
    sa.CheckConstraint('open_company_amount BETWEEN 0 AND company_amount', name=op.f('ck_supplier_credit_note_open_company_amount')),
    sa.CheckConstraint('total_amount = subtotal + tax_amount AND total_amount > 0', name=op.f('ck_supplier_credit_note_total')),
    sa.ForeignKeyConstraint(['bill_id'], ['finance.bill.id'], name=op.f('fk_supplier_credit_note_bill_id')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_supplier_credit_note_company_id')),
    sa.ForeignKeyConstraint(['created_by'], ['core.app_user.id'], name=op.f('fk_supplier_credit_note_created_by')),
    sa.ForeignKeyConstraint(['currency'], ['core.currency.code'], name=op.f('fk_supplier_credit_note_currency')),
    sa.ForeignKeyConstraint(['supplier_id'], ['core.party_role.id'], name=op.f('fk_supplier_credit_note_supplier_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplier_credit_note')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_supplier_credit_note_company_id_number')),
    schema='finance',
    comment='Credit notes of suppliers: what need not be paid of bills, or comes back.',
    info={'posted': ('true', ('state', 'open_amount', 'open_company_amount', 'version'))}
    )
    op.create_index(op.f('ix_supplier_credit_note_bill_id'), 'supplier_credit_note', ['bill_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_supplier_credit_note_company_id'), 'supplier_credit_note', ['company_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_supplier_credit_note_supplier_id'), 'supplier_credit_note', ['supplier_id'], unique=False, schema='finance')
    op.create_index('uq_supplier_credit_note_reference', 'supplier_credit_note', ['supplier_id', 'supplier_reference'], unique=True, schema='finance')
    op.create_table('supplier_credit_allocation',
    sa.Column('supplier_credit_note_id', sa.BigInteger(), nullable=False, comment='The credit note.'),
    sa.Column('bill_id', sa.BigInteger(), nullable=False, comment='The bill.'),
    sa.Column('business_date', sa.Date(), nullable=False, comment='Day on which the credit settled the bill.'),
    sa.Column('amount', sa.Numeric(precision=20, scale=4), nullable=False, comment='Amount allocated.'),
    sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment="What the books carried the settled part at, in the company's currency."),
    sa.Column('source_company_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment="What settled it was carried at, in the company's currency; the rest is an exchange difference."),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('amount > 0', name=op.f('ck_supplier_credit_allocation_amount')),
    sa.ForeignKeyConstraint(['bill_id'], ['finance.bill.id'], name=op.f('fk_supplier_credit_allocation_bill_id')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_supplier_credit_allocation_company_id')),
    sa.ForeignKeyConstraint(['supplier_credit_note_id'], ['finance.supplier_credit_note.id'], name=op.f('fk_supplier_credit_allocation_supplier_credit_note_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplier_credit_allocation')),
    schema='finance',
    comment="Which supplier's credit settled which bill.",
    info={'immutable': True}
    )
    op.create_index(op.f('ix_supplier_credit_allocation_bill_id'), 'supplier_credit_allocation', ['bill_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_supplier_credit_allocation_company_id'), 'supplier_credit_allocation', ['company_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_supplier_credit_allocation_supplier_credit_note_id'), 'supplier_credit_allocation', ['supplier_credit_note_id'], unique=False, schema='finance')
    op.create_table('supplier_refund',
    sa.Column('supplier_id', sa.BigInteger(), nullable=False, comment='Supplier who paid.'),
    sa.Column('supplier_credit_note_id', sa.BigInteger(), nullable=False, comment='Credit note that is paid out.'),
    sa.Column('currency', sa.Text(), nullable=False, comment='Currency of the amounts.'),
    sa.Column('amount', sa.Numeric(precision=20, scale=4), nullable=False, comment='Amount received.'),
    sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment="The document's total in the company's currency, at its rate, rounded once."),
    sa.Column('source_company_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment="What settled it was carried at, in the company's currency; the rest is an exchange difference."),
    sa.Column('bank_reference', sa.Text(), nullable=True, comment='Text or number on the bank statement.'),
    sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."),
    sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."),
    sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'),
    sa.Column('number', sa.Text(), nullable=False, comment='Number by which people call the document; gapless within company, type and year.'),
    sa.Column('state', sa.Text(), nullable=False, comment="State of the document; its allowed values and transitions stand in the area's rules."),
    sa.Column('business_date', sa.Date(), nullable=False, comment='Business date of the document: the day it counts for.'),
    sa.Column('created_by', sa.BigInteger(), nullable=False, comment='User who entered the document.'),
    sa.Column('version', sa.BigInteger(), nullable=False, comment='Counts the changes; a writer must name the version it has read.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint("exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", name=op.f('ck_supplier_refund_exchange_rate_source')),
    sa.CheckConstraint("state in ('received')", name=op.f('ck_supplier_refund_state')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_supplier_refund_amount')),
    sa.CheckConstraint('exchange_rate > 0', name=op.f('ck_supplier_refund_exchange_rate')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_supplier_refund_company_id')),
    sa.ForeignKeyConstraint(['created_by'], ['core.app_user.id'], name=op.f('fk_supplier_refund_created_by')),
    sa.ForeignKeyConstraint(['currency'], ['core.currency.code'], name=op.f('fk_supplier_refund_currency')),
    sa.ForeignKeyConstraint(['supplier_credit_note_id'], ['finance.supplier_credit_note.id'], name=op.f('fk_supplier_refund_supplier_credit_note_id')),
    sa.ForeignKeyConstraint(['supplier_id'], ['core.party_role.id'], name=op.f('fk_supplier_refund_supplier_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplier_refund')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_supplier_refund_company_id_number')),
    schema='finance',
    comment='Money that suppliers paid back.',
    info={'immutable': True}
    )
    op.create_index(op.f('ix_supplier_refund_company_id'), 'supplier_refund', ['company_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_supplier_refund_supplier_credit_note_id'), 'supplier_refund', ['supplier_credit_note_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_supplier_refund_supplier_id'), 'supplier_refund', ['supplier_id'], unique=False, schema='finance')
    op.create_table('supplier_credit_note_line',
    sa.Column('supplier_credit_note_id', sa.BigInteger(), nullable=False, comment='The credit note.'),
    sa.Column('bill_line_id', sa.BigInteger(), nullable=False, comment='Line of the bill that is credited.'),
    sa.Column('item_id', sa.BigInteger(), nullable=False, comment='Item.'),
    sa.Column('quantity', sa.Numeric(precision=20, scale=6), nullable=False, comment='Quantity credited.'),
    sa.Column('net_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment='Amount without tax.'),
    sa.Column('tax_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment='Value added tax.'),
    sa.Column('company_net_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment="The line's part of the document's total without tax, in the company's currency."),
    sa.Column('company_tax_amount', sa.Numeric(precision=20, scale=4), nullable=False, comment="The line's part of the document's tax, in the company's currency."),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('net_amount >= 0 AND tax_amount >= 0', name=op.f('ck_supplier_credit_note_line_amounts')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_supplier_credit_note_line_quantity')),
    sa.ForeignKeyConstraint(['bill_line_id'], ['finance.bill_line.id'], name=op.f('fk_supplier_credit_note_line_bill_line_id')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_supplier_credit_note_line_company_id')),
    sa.ForeignKeyConstraint(['item_id'], ['erp.item.id'], name=op.f('fk_supplier_credit_note_line_item_id')),
    sa.ForeignKeyConstraint(['supplier_credit_note_id'], ['finance.supplier_credit_note.id'], name=op.f('fk_supplier_credit_note_line_supplier_credit_note_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplier_credit_note_line')),
    sa.UniqueConstraint('supplier_credit_note_id', 'bill_line_id', name=op.f('uq_supplier_credit_note_line_supplier_credit_note_id_bill_line_id')),
    schema='finance',
    comment="Lines of suppliers' credit notes.",
    info={'immutable': True}
    )
    op.create_index(op.f('ix_supplier_credit_note_line_bill_line_id'), 'supplier_credit_note_line', ['bill_line_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_supplier_credit_note_line_company_id'), 'supplier_credit_note_line', ['company_id'], unique=False, schema='finance')
    op.create_index(op.f('ix_supplier_credit_note_line_item_id'), 'supplier_credit_note_line', ['item_id'], unique=False, schema='finance')
    op.add_column('goods_receipt', sa.Column('currency', sa.Text(), nullable=True, comment='Currency of the amounts.'), schema='erp')
    op.add_column('goods_receipt', sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."), schema='erp')
    op.add_column('goods_receipt', sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."), schema='erp')
    op.add_column('goods_receipt', sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'), schema='erp')
    op.create_foreign_key(op.f('fk_goods_receipt_currency'), 'goods_receipt', 'currency', ['currency'], ['code'], source_schema='erp', referent_schema='core')
    op.add_column('goods_receipt_line', sa.Column('company_order_value', sa.Numeric(precision=20, scale=4), nullable=True, comment="The same in the company's currency, at the rate of the receipt; of a return what the receipts had come to."), schema='erp')
    op.add_column('purchase_order', sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."), schema='erp')
    op.add_column('purchase_order', sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."), schema='erp')
    op.add_column('purchase_order', sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'), schema='erp')
    op.add_column('purchase_order_line', sa.Column('company_value_received', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment="What came in, in the company's currency, each receipt at the rate of its day."), schema='erp')
    op.add_column('purchase_order_line', sa.Column('company_value_billed', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment="The part of it that has been billed, as it was received, in the company's currency."), schema='erp')
    op.alter_column('purchase_order_line', 'quantity_received',
               existing_type=sa.NUMERIC(precision=20, scale=6),
               comment='Quantity that has come in, less what went back.',
               existing_comment='Quantity that has come in, less what went back before it was billed.',
               existing_nullable=False,
               schema='erp')
    op.alter_column('purchase_order_line', 'quantity_billed',
               existing_type=sa.NUMERIC(precision=20, scale=6),
               comment='Quantity that the supplier has billed, less what was credited as returned.',
               existing_comment='Quantity that the supplier has billed.',
               existing_nullable=False,
               schema='erp')
    op.add_column('purchase_requisition_line', sa.Column('purchase_order_id', sa.BigInteger(), nullable=True, comment='Order that the line went to.'), schema='erp')
    op.create_index(op.f('ix_purchase_requisition_line_purchase_order_id'), 'purchase_requisition_line', ['purchase_order_id'], unique=False, schema='erp')
    op.create_foreign_key(op.f('fk_purchase_requisition_line_purchase_order_id'), 'purchase_requisition_line', 'purchase_order', ['purchase_order_id'], ['id'], source_schema='erp', referent_schema='erp')
    op.add_column('quote', sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."), schema='erp')
    op.add_column('quote', sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."), schema='erp')
    op.add_column('quote', sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'), schema='erp')
    op.add_column('sales_order', sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."), schema='erp')
    op.add_column('sales_order', sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."), schema='erp')
    op.add_column('sales_order', sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'), schema='erp')
    op.add_column('bill', sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The document's total in the company's currency, at its rate, rounded once."), schema='finance')
    op.add_column('bill', sa.Column('open_company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What the books still carry of the open part, in the company's currency."), schema='finance')
    op.add_column('bill', sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."), schema='finance')
    op.add_column('bill', sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."), schema='finance')
    op.add_column('bill', sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'), schema='finance')
    op.add_column('bill_line', sa.Column('company_net_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The line's part of the document's total without tax, in the company's currency."), schema='finance')
    op.add_column('bill_line', sa.Column('company_tax_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The line's part of the document's tax, in the company's currency."), schema='finance')
    op.add_column('bill_line', sa.Column('net_credited', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment='Amount without tax that credit notes took back.'), schema='finance')
    op.add_column('bill_line', sa.Column('tax_credited', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment='Value added tax that credit notes took back.'), schema='finance')
    op.add_column('cost_allocation_line', sa.Column('department_id', sa.BigInteger(), nullable=True, comment='Department that earns or bears it.'), schema='finance')
    op.drop_constraint(op.f('uq_cost_allocation_line_cost_allocation_id_ledger_account_id'), 'cost_allocation_line', schema='finance', type_='unique')
    op.create_index(op.f('ix_cost_allocation_line_department_id'), 'cost_allocation_line', ['department_id'], unique=False, schema='finance')
    op.create_index('uq_cost_allocation_line_bearer', 'cost_allocation_line', ['cost_allocation_id', 'ledger_account_id', sa.literal_column('coalesce(department_id, 0)')], unique=True, schema='finance')
    op.create_foreign_key(op.f('fk_cost_allocation_line_department_id'), 'cost_allocation_line', 'department', ['department_id'], ['id'], source_schema='finance', referent_schema='hr')
    op.add_column('cost_driver_line', sa.Column('department_id', sa.BigInteger(), nullable=True, comment='Department that earns or bears it.'), schema='finance')
    op.drop_constraint(op.f('uq_cost_driver_line_cost_driver_id_ledger_account_id'), 'cost_driver_line', schema='finance', type_='unique')
    op.create_index(op.f('ix_cost_driver_line_department_id'), 'cost_driver_line', ['department_id'], unique=False, schema='finance')
    op.create_index('uq_cost_driver_line_bearer', 'cost_driver_line', ['cost_driver_id', 'ledger_account_id', sa.literal_column('coalesce(department_id, 0)')], unique=True, schema='finance')
    op.create_foreign_key(op.f('fk_cost_driver_line_department_id'), 'cost_driver_line', 'department', ['department_id'], ['id'], source_schema='finance', referent_schema='hr')
    op.add_column('credit_allocation', sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What the books carried the settled part at, in the company's currency."), schema='finance')
    op.add_column('credit_allocation', sa.Column('source_company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What settled it was carried at, in the company's currency; the rest is an exchange difference."), schema='finance')
    op.add_column('credit_note', sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The document's total in the company's currency, at its rate, rounded once."), schema='finance')
    op.add_column('credit_note', sa.Column('open_company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What the books still carry of the open part, in the company's currency."), schema='finance')
    op.add_column('credit_note', sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."), schema='finance')
    op.add_column('credit_note', sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."), schema='finance')
    op.add_column('credit_note', sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'), schema='finance')
    op.add_column('credit_note_line', sa.Column('company_net_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The line's part of the document's total without tax, in the company's currency."), schema='finance')
    op.add_column('credit_note_line', sa.Column('company_tax_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The line's part of the document's tax, in the company's currency."), schema='finance')
    op.add_column('journal_line', sa.Column('department_id', sa.BigInteger(), nullable=True, comment='Department that earns or bears it.'), schema='finance')
    op.create_index(op.f('ix_journal_line_department_id'), 'journal_line', ['department_id'], unique=False, schema='finance')
    op.create_foreign_key(op.f('fk_journal_line_department_id'), 'journal_line', 'department', ['department_id'], ['id'], source_schema='finance', referent_schema='hr')
    op.add_column('payment', sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The document's total in the company's currency, at its rate, rounded once."), schema='finance')
    op.add_column('payment', sa.Column('ledger_account_id', sa.BigInteger(), nullable=True, comment="Account that the money is on; empty: the company's main bank account."), schema='finance')
    op.add_column('payment', sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."), schema='finance')
    op.add_column('payment', sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."), schema='finance')
    op.add_column('payment', sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'), schema='finance')
    op.create_index(op.f('ix_payment_ledger_account_id'), 'payment', ['ledger_account_id'], unique=False, schema='finance')
    op.create_foreign_key(op.f('fk_payment_ledger_account_id'), 'payment', 'ledger_account', ['ledger_account_id'], ['id'], source_schema='finance', referent_schema='finance')
    op.add_column('payment_allocation', sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What the books carried the settled part at, in the company's currency."), schema='finance')
    op.add_column('payment_allocation', sa.Column('source_company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What settled it was carried at, in the company's currency; the rest is an exchange difference."), schema='finance')
    op.add_column('receipt_allocation', sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What the books carried the settled part at, in the company's currency."), schema='finance')
    op.add_column('receipt_allocation', sa.Column('source_company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What settled it was carried at, in the company's currency; the rest is an exchange difference."), schema='finance')
    op.add_column('receipt_allocation', sa.Column('discount_company_amount', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment="The discount in the company's currency, at the rate of the money."), schema='finance')
    op.add_column('receipt_of_money', sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The document's total in the company's currency, at its rate, rounded once."), schema='finance')
    op.add_column('receipt_of_money', sa.Column('open_company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What the books still carry of the open part, in the company's currency."), schema='finance')
    op.add_column('receipt_of_money', sa.Column('ledger_account_id', sa.BigInteger(), nullable=True, comment="Account that the money is on; empty: the company's main bank account."), schema='finance')
    op.add_column('receipt_of_money', sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."), schema='finance')
    op.add_column('receipt_of_money', sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."), schema='finance')
    op.add_column('receipt_of_money', sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'), schema='finance')
    op.create_index(op.f('ix_receipt_of_money_ledger_account_id'), 'receipt_of_money', ['ledger_account_id'], unique=False, schema='finance')
    op.create_foreign_key(op.f('fk_receipt_of_money_ledger_account_id'), 'receipt_of_money', 'ledger_account', ['ledger_account_id'], ['id'], source_schema='finance', referent_schema='finance')
    op.add_column('refund', sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The document's total in the company's currency, at its rate, rounded once."), schema='finance')
    op.add_column('refund', sa.Column('source_company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What settled it was carried at, in the company's currency; the rest is an exchange difference."), schema='finance')
    op.add_column('refund', sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."), schema='finance')
    op.add_column('refund', sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."), schema='finance')
    op.add_column('refund', sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'), schema='finance')
    op.add_column('sales_invoice', sa.Column('company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The document's total in the company's currency, at its rate, rounded once."), schema='finance')
    op.add_column('sales_invoice', sa.Column('open_company_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="What the books still carry of the open part, in the company's currency."), schema='finance')
    op.add_column('sales_invoice', sa.Column('exchange_rate', sa.Numeric(precision=18, scale=8), server_default='1', nullable=False, comment="Units of the company's currency for one unit of the foreign one."), schema='finance')
    op.add_column('sales_invoice', sa.Column('exchange_rate_source', sa.Text(), server_default='own', nullable=False, comment="Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered."), schema='finance')
    op.add_column('sales_invoice', sa.Column('exchange_rate_date', sa.Date(), nullable=True, comment='Day whose rate the document took from the table; empty: none was taken from there.'), schema='finance')
    op.add_column('sales_invoice_line', sa.Column('company_net_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The line's part of the document's total without tax, in the company's currency."), schema='finance')
    op.add_column('sales_invoice_line', sa.Column('company_tax_amount', sa.Numeric(precision=20, scale=4), nullable=True, comment="The line's part of the document's tax, in the company's currency."), schema='finance')
    op.add_column('vat_return', sa.Column('credit_brought_forward', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment='Input tax that earlier returns could not deduct, as the last filed one left it.'), schema='finance')
    op.add_column('vat_return', sa.Column('credit_carried_forward', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment='Input tax that this return cannot deduct and leaves to the next.'), schema='finance')
    op.add_column('vat_return', sa.Column('due_amount', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment='Tax to be paid for the month: payable less what was brought forward.'), schema='finance')
    op.add_column('vat_return', sa.Column('paid_amount', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment='Part of the tax due that has been paid.'), schema='finance')
    op.alter_column('vat_return', 'payable_amount',
               existing_type=sa.NUMERIC(precision=20, scale=4),
               comment='Output less input tax; negative: more input than output.',
               existing_comment='Output less input tax; negative: to be carried forward.',
               existing_nullable=False,
               schema='finance')
    # Documents from before are in the company's currency: what they come to there is what they say.
    for table, values in EXISTING.items():
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        op.execute(f"UPDATE {table} SET {values}")
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    op.alter_column('goods_receipt', 'currency', nullable=False, schema='erp')
    op.alter_column('goods_receipt_line', 'company_order_value', nullable=False, schema='erp')
    op.alter_column('bill', 'company_amount', nullable=False, schema='finance')
    op.alter_column('bill', 'open_company_amount', nullable=False, schema='finance')
    op.alter_column('bill_line', 'company_net_amount', nullable=False, schema='finance')
    op.alter_column('bill_line', 'company_tax_amount', nullable=False, schema='finance')
    op.alter_column('credit_allocation', 'company_amount', nullable=False, schema='finance')
    op.alter_column('credit_allocation', 'source_company_amount', nullable=False, schema='finance')
    op.alter_column('credit_note', 'company_amount', nullable=False, schema='finance')
    op.alter_column('credit_note', 'open_company_amount', nullable=False, schema='finance')
    op.alter_column('credit_note_line', 'company_net_amount', nullable=False, schema='finance')
    op.alter_column('credit_note_line', 'company_tax_amount', nullable=False, schema='finance')
    op.alter_column('payment', 'company_amount', nullable=False, schema='finance')
    op.alter_column('payment_allocation', 'company_amount', nullable=False, schema='finance')
    op.alter_column('payment_allocation', 'source_company_amount', nullable=False, schema='finance')
    op.alter_column('receipt_allocation', 'company_amount', nullable=False, schema='finance')
    op.alter_column('receipt_allocation', 'source_company_amount', nullable=False, schema='finance')
    op.alter_column('receipt_of_money', 'company_amount', nullable=False, schema='finance')
    op.alter_column('receipt_of_money', 'open_company_amount', nullable=False, schema='finance')
    op.alter_column('refund', 'company_amount', nullable=False, schema='finance')
    op.alter_column('refund', 'source_company_amount', nullable=False, schema='finance')
    op.alter_column('sales_invoice', 'company_amount', nullable=False, schema='finance')
    op.alter_column('sales_invoice', 'open_company_amount', nullable=False, schema='finance')
    op.alter_column('sales_invoice_line', 'company_net_amount', nullable=False, schema='finance')
    op.alter_column('sales_invoice_line', 'company_tax_amount', nullable=False, schema='finance')
    op.create_check_constraint(op.f('ck_purchase_order_exchange_rate'), 'purchase_order', 'exchange_rate > 0', schema='erp')
    op.create_check_constraint(op.f('ck_purchase_order_exchange_rate_source'), 'purchase_order', "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", schema='erp')
    op.create_check_constraint(op.f('ck_sales_order_exchange_rate'), 'sales_order', 'exchange_rate > 0', schema='erp')
    op.create_check_constraint(op.f('ck_sales_order_exchange_rate_source'), 'sales_order', "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", schema='erp')
    op.create_check_constraint(op.f('ck_bill_exchange_rate_source'), 'bill', "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", schema='finance')
    op.create_check_constraint(op.f('ck_bill_open_company_amount'), 'bill', 'open_company_amount BETWEEN 0 AND company_amount', schema='finance')
    op.create_check_constraint(op.f('ck_bill_exchange_rate'), 'bill', 'exchange_rate > 0', schema='finance')
    op.create_check_constraint(op.f('ck_bill_carried_while_open'), 'bill', '(open_amount > 0 OR open_company_amount = 0) AND (open_amount < total_amount OR open_company_amount = company_amount)', schema='finance')
    op.create_check_constraint(op.f('ck_bill_carried_at_own'), 'bill', "exchange_rate_source <> 'own' OR company_amount = total_amount AND open_company_amount = open_amount", schema='finance')
    op.create_check_constraint(op.f('ck_payment_exchange_rate'), 'payment', 'exchange_rate > 0', schema='finance')
    op.create_check_constraint(op.f('ck_payment_exchange_rate_source'), 'payment', "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", schema='finance')
    op.create_check_constraint(op.f('ck_receipt_of_money_open_company_amount'), 'receipt_of_money', 'open_company_amount BETWEEN 0 AND company_amount', schema='finance')
    op.create_check_constraint(op.f('ck_receipt_of_money_carried_at_own'), 'receipt_of_money', "exchange_rate_source <> 'own' OR company_amount = amount AND open_company_amount = open_amount", schema='finance')
    op.create_check_constraint(op.f('ck_receipt_of_money_exchange_rate_source'), 'receipt_of_money', "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", schema='finance')
    op.create_check_constraint(op.f('ck_receipt_of_money_exchange_rate'), 'receipt_of_money', 'exchange_rate > 0', schema='finance')
    op.create_check_constraint(op.f('ck_receipt_of_money_carried_while_open'), 'receipt_of_money', '(open_amount > 0 OR open_company_amount = 0) AND (open_amount < amount OR open_company_amount = company_amount)', schema='finance')
    op.create_check_constraint(op.f('ck_sales_invoice_carried_while_open'), 'sales_invoice', '(open_amount > 0 OR open_company_amount = 0) AND (open_amount < total_amount OR open_company_amount = company_amount)', schema='finance')
    op.create_check_constraint(op.f('ck_sales_invoice_open_company_amount'), 'sales_invoice', 'open_company_amount BETWEEN 0 AND company_amount', schema='finance')
    op.create_check_constraint(op.f('ck_sales_invoice_carried_at_own'), 'sales_invoice', "exchange_rate_source <> 'own' OR company_amount = total_amount AND open_company_amount = open_amount", schema='finance')
    op.create_check_constraint(op.f('ck_sales_invoice_exchange_rate'), 'sales_invoice', 'exchange_rate > 0', schema='finance')
    op.create_check_constraint(op.f('ck_sales_invoice_exchange_rate_source'), 'sales_invoice', "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", schema='finance')
    op.create_check_constraint(op.f('ck_vat_return_due'), 'vat_return', 'due_amount = greatest(0, payable_amount - credit_brought_forward)', schema='finance')
    op.create_check_constraint(op.f('ck_vat_return_paid'), 'vat_return', 'paid_amount BETWEEN 0 AND due_amount', schema='finance')
    op.create_check_constraint(op.f('ck_vat_return_paid_when_filed'), 'vat_return', "state = 'filed' OR paid_amount = 0", schema='finance')
    op.create_check_constraint(op.f('ck_vat_return_carried'), 'vat_return', 'credit_carried_forward = greatest(0, credit_brought_forward - payable_amount)', schema='finance')
    op.create_check_constraint(op.f('ck_goods_receipt_exchange_rate'), 'goods_receipt', 'exchange_rate > 0', schema='erp')
    op.create_check_constraint(op.f('ck_goods_receipt_exchange_rate_source'), 'goods_receipt', "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", schema='erp')
    op.create_check_constraint(op.f('ck_purchase_order_line_billed'), 'purchase_order_line', 'quantity_billed between 0 and quantity', schema='erp')
    op.create_check_constraint(op.f('ck_quote_exchange_rate_source'), 'quote', "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", schema='erp')
    op.create_check_constraint(op.f('ck_quote_exchange_rate'), 'quote', 'exchange_rate > 0', schema='erp')
    op.create_check_constraint(op.f('ck_credit_note_exchange_rate'), 'credit_note', 'exchange_rate > 0', schema='finance')
    op.create_check_constraint(op.f('ck_credit_note_carried_while_open'), 'credit_note', '(open_amount > 0 OR open_company_amount = 0) AND (open_amount < total_amount OR open_company_amount = company_amount)', schema='finance')
    op.create_check_constraint(op.f('ck_credit_note_open_company_amount'), 'credit_note', 'open_company_amount BETWEEN 0 AND company_amount', schema='finance')
    op.create_check_constraint(op.f('ck_credit_note_carried_at_own'), 'credit_note', "exchange_rate_source <> 'own' OR company_amount = total_amount AND open_company_amount = open_amount", schema='finance')
    op.create_check_constraint(op.f('ck_credit_note_exchange_rate_source'), 'credit_note', "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", schema='finance')
    op.create_check_constraint(op.f('ck_bill_line_tax_credited'), 'bill_line', 'tax_credited between 0 and tax_amount', schema='finance')
    op.create_check_constraint(op.f('ck_bill_line_net_credited'), 'bill_line', 'net_credited between 0 and net_amount', schema='finance')
    op.create_check_constraint(op.f('ck_refund_exchange_rate_source'), 'refund', "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1) AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)", schema='finance')
    op.create_check_constraint(op.f('ck_refund_exchange_rate'), 'refund', 'exchange_rate > 0', schema='finance')
