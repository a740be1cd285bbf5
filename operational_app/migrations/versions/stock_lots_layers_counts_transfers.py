"""lots, layers, counts, transfers."""

import sqlalchemy as sa
from alembic import op


revision = 'stock'
down_revision = '0001'


def upgrade() -> None:
    op.create_table('item_unit',
    sa.Column('item_id', sa.BigInteger(), nullable=False, comment='Item.'),
    sa.Column('unit', sa.Text(), nullable=False, comment='Unit, such as BOX.'),
    sa.Column('quantity_per', sa.Numeric(precision=20, scale=6), nullable=False, comment="How many of the item's own unit are in one of it, exactly."),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('quantity_per > 0', name=op.f('ck_item_unit_quantity_per')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_item_unit_company_id')),
    sa.ForeignKeyConstraint(['item_id'], ['erp.item.id'], name=op.f('fk_item_unit_item_id')),
    sa.ForeignKeyConstraint(['unit'], ['core.unit.code'], name=op.f('fk_item_unit_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item_unit')),
    sa.UniqueConstraint('item_id', 'unit', name=op.f('uq_item_unit_item_id_unit')),
    schema='erp',
    comment='Other units in which an item is bought, sold, moved or counted.'
    )
    op.create_index(op.f('ix_item_unit_company_id'), 'item_unit', ['company_id'], unique=False, schema='erp')
    op.create_table('stock_count',
    sa.Column('stock_location_id', sa.BigInteger(), nullable=False, comment='Place that is counted.'),
    sa.Column('note', sa.Text(), nullable=True, comment='What the clerk has to say about it.'),
    sa.Column('counted_by', sa.BigInteger(), nullable=True, comment='User who entered what was counted.'),
    sa.Column('posted_by', sa.BigInteger(), nullable=True, comment='User who looked at the differences and posted them.'),
    sa.Column('stock_adjustment_id', sa.BigInteger(), nullable=True, comment='Adjustment by which the differences were posted; empty: there was none.'),
    sa.Column('number', sa.Text(), nullable=False, comment='Number by which people call the document; gapless within company, type and year.'),
    sa.Column('state', sa.Text(), nullable=False, comment="State of the document; its allowed values and transitions stand in the area's rules."),
    sa.Column('business_date', sa.Date(), nullable=False, comment='Business date of the document: the day it counts for.'),
    sa.Column('created_by', sa.BigInteger(), nullable=False, comment='User who entered the document.'),
    sa.Column('version', sa.BigInteger(), nullable=False, comment='Counts the changes; a writer must name the version it has read.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint("state <> 'posted' OR posted_by <> counted_by", name=op.f('ck_stock_count_two_people')),
    sa.CheckConstraint("state in ('draft', 'counted', 'posted', 'cancelled')", name=op.f('ck_stock_count_state')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_stock_count_company_id')),
    sa.ForeignKeyConstraint(['counted_by'], ['core.app_user.id'], name=op.f('fk_stock_count_counted_by')),
    sa.ForeignKeyConstraint(['created_by'], ['core.app_user.id'], name=op.f('fk_stock_count_created_by')),
    sa.ForeignKeyConstraint(['posted_by'], ['core.app_user.id'], name=op.f('fk_stock_count_posted_by')),
    sa.ForeignKeyConstraint(['stock_adjustment_id'], ['erp.stock_adjustment.id'], name=op.f('fk_stock_count_stock_adjustment_id')),
    sa.ForeignKeyConstraint(['stock_location_id'], ['erp.stock_location.id'], name=op.f('fk_stock_count_stock_location_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_count')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_stock_count_company_id_number')),
    schema='erp',
    comment='Counts of what really lies at a place.',
    info={'posted': ("OLD.state in ('posted', 'cancelled')", ('version',))}
    )
    op.create_index(op.f('ix_stock_count_company_id'), 'stock_count', ['company_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_count_counted_by'), 'stock_count', ['counted_by'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_count_posted_by'), 'stock_count', ['posted_by'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_count_stock_adjustment_id'), 'stock_count', ['stock_adjustment_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_count_stock_location_id'), 'stock_count', ['stock_location_id'], unique=False, schema='erp')
    op.create_table('stock_lot',
    sa.Column('item_id', sa.BigInteger(), nullable=False, comment='Item.'),
    sa.Column('number', sa.Text(), nullable=False, comment='Number of the lot, unique within the item.'),
    sa.Column('expiry_date', sa.Date(), nullable=True, comment='Last day on which it may be used; empty: it does not expire.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_stock_lot_company_id')),
    sa.ForeignKeyConstraint(['item_id'], ['erp.item.id'], name=op.f('fk_stock_lot_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_lot')),
    sa.UniqueConstraint('item_id', 'number', name=op.f('uq_stock_lot_item_id_number')),
    schema='erp',
    comment='Lots of items: what was made or delivered together.',
    info={'immutable': True}
    )
    op.create_index(op.f('ix_stock_lot_company_id'), 'stock_lot', ['company_id'], unique=False, schema='erp')
    op.create_table('stock_transfer',
    sa.Column('from_location_id', sa.BigInteger(), nullable=False, comment='Place that the goods leave.'),
    sa.Column('to_location_id', sa.BigInteger(), nullable=False, comment='Place that they go to.'),
    sa.Column('received_date', sa.Date(), nullable=True, comment='Day on which the last of them arrived.'),
    sa.Column('note', sa.Text(), nullable=True, comment='What the clerk has to say about it.'),
    sa.Column('number', sa.Text(), nullable=False, comment='Number by which people call the document; gapless within company, type and year.'),
    sa.Column('state', sa.Text(), nullable=False, comment="State of the document; its allowed values and transitions stand in the area's rules."),
    sa.Column('business_date', sa.Date(), nullable=False, comment='Business date of the document: the day it counts for.'),
    sa.Column('created_by', sa.BigInteger(), nullable=False, comment='User who entered the document.'),
    sa.Column('version', sa.BigInteger(), nullable=False, comment='Counts the changes; a writer must name the version it has read.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint("(state = 'received') = (received_date IS NOT NULL)", name=op.f('ck_stock_transfer_received_date')),
    sa.CheckConstraint("state in ('in_transit', 'received')", name=op.f('ck_stock_transfer_state')),
    sa.CheckConstraint('from_location_id <> to_location_id', name=op.f('ck_stock_transfer_places')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_stock_transfer_company_id')),
    sa.ForeignKeyConstraint(['created_by'], ['core.app_user.id'], name=op.f('fk_stock_transfer_created_by')),
    sa.ForeignKeyConstraint(['from_location_id'], ['erp.stock_location.id'], name=op.f('fk_stock_transfer_from_location_id')),
    sa.ForeignKeyConstraint(['to_location_id'], ['erp.stock_location.id'], name=op.f('fk_stock_transfer_to_location_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_transfer')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_stock_transfer_company_id_number')),
    schema='erp',
    comment='Stock that moves from one place to another.',
    info={'posted': ('true', ('state', 'version', 'received_date'))}
    )
    op.create_index(op.f('ix_stock_transfer_company_id'), 'stock_transfer', ['company_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_transfer_from_location_id'), 'stock_transfer', ['from_location_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_transfer_to_location_id'), 'stock_transfer', ['to_location_id'], unique=False, schema='erp')
    op.create_table('lot_balance',
    sa.Column('item_id', sa.BigInteger(), nullable=False, comment='Item.'),
    sa.Column('stock_lot_id', sa.BigInteger(), nullable=False, comment='Lot.'),
    sa.Column('stock_location_id', sa.BigInteger(), nullable=False, comment='Place.'),
    sa.Column('quantity_on_hand', sa.Numeric(precision=20, scale=6), nullable=False, comment='Quantity that lies there.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('quantity_on_hand >= 0', name=op.f('ck_lot_balance_on_hand')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_lot_balance_company_id')),
    sa.ForeignKeyConstraint(['item_id'], ['erp.item.id'], name=op.f('fk_lot_balance_item_id')),
    sa.ForeignKeyConstraint(['stock_location_id'], ['erp.stock_location.id'], name=op.f('fk_lot_balance_stock_location_id')),
    sa.ForeignKeyConstraint(['stock_lot_id'], ['erp.stock_lot.id'], name=op.f('fk_lot_balance_stock_lot_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lot_balance')),
    sa.UniqueConstraint('stock_lot_id', 'stock_location_id', name=op.f('uq_lot_balance_stock_lot_id_stock_location_id')),
    schema='erp',
    comment='Quantity of a lot at a place, now: the parts of the stock balance.'
    )
    op.create_index(op.f('ix_lot_balance_company_id'), 'lot_balance', ['company_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_lot_balance_item_id'), 'lot_balance', ['item_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_lot_balance_stock_location_id'), 'lot_balance', ['stock_location_id'], unique=False, schema='erp')
    op.create_table('stock_count_line',
    sa.Column('stock_count_id', sa.BigInteger(), nullable=False, comment='The count.'),
    sa.Column('line_no', sa.BigInteger(), nullable=False, comment='Place of the line in its document.'),
    sa.Column('item_id', sa.BigInteger(), nullable=False, comment='Item.'),
    sa.Column('lot_number', sa.Text(), nullable=True, comment='Lot; empty for items without lots.'),
    sa.Column('book_quantity', sa.Numeric(precision=20, scale=6), nullable=False, comment='Quantity by the books when it was counted.'),
    sa.Column('counted_quantity', sa.Numeric(precision=20, scale=6), nullable=True, comment='Quantity found; empty: not counted yet.'),
    sa.Column('difference', sa.Numeric(precision=20, scale=6), nullable=True, comment='Counted less by the books.'),
    sa.Column('unit_cost', sa.Numeric(precision=20, scale=6), nullable=True, comment='Cost of one unit found of what had no stock; empty: the present average.'),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=True, comment='When it was counted.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('counted_quantity >= 0', name=op.f('ck_stock_count_line_counted_quantity')),
    sa.CheckConstraint('unit_cost >= 0', name=op.f('ck_stock_count_line_unit_cost')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_stock_count_line_company_id')),
    sa.ForeignKeyConstraint(['item_id'], ['erp.item.id'], name=op.f('fk_stock_count_line_item_id')),
    sa.ForeignKeyConstraint(['stock_count_id'], ['erp.stock_count.id'], name=op.f('fk_stock_count_line_stock_count_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_count_line')),
    sa.UniqueConstraint('stock_count_id', 'line_no', name=op.f('uq_stock_count_line_stock_count_id_line_no')),
    schema='erp',
    comment='Lines of count sheets.'
    )
    op.create_index(op.f('ix_stock_count_line_company_id'), 'stock_count_line', ['company_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_count_line_item_id'), 'stock_count_line', ['item_id'], unique=False, schema='erp')
    op.create_table('stock_layer',
    sa.Column('item_id', sa.BigInteger(), nullable=False, comment='Item.'),
    sa.Column('stock_move_id', sa.BigInteger(), nullable=False, comment='Move that brought it.'),
    sa.Column('costing_date', sa.Date(), nullable=False, comment='Day of the move in the order of costing.'),
    sa.Column('sequence', sa.BigInteger(), nullable=False, comment='Place of the move in the order of costing, within the day.'),
    sa.Column('quantity_left', sa.Numeric(precision=20, scale=6), nullable=False, comment='Quantity of it that is still here.'),
    sa.Column('value_left', sa.Numeric(precision=20, scale=4), nullable=False, comment="What that is worth, in the company's currency."),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('quantity_left > 0', name=op.f('ck_stock_layer_quantity_left')),
    sa.CheckConstraint('value_left >= 0', name=op.f('ck_stock_layer_value_left')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_stock_layer_company_id')),
    sa.ForeignKeyConstraint(['item_id'], ['erp.item.id'], name=op.f('fk_stock_layer_item_id')),
    sa.ForeignKeyConstraint(['stock_move_id'], ['erp.stock_move.id'], name=op.f('fk_stock_layer_stock_move_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_layer')),
    sa.UniqueConstraint('stock_move_id', name=op.f('uq_stock_layer_stock_move_id')),
    schema='erp',
    comment='What is left of each receipt of an item valued first in, first out.'
    )
    op.create_index(op.f('ix_stock_layer_company_id'), 'stock_layer', ['company_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_layer_item_id'), 'stock_layer', ['item_id'], unique=False, schema='erp')
    op.create_table('stock_move_lot',
    sa.Column('stock_move_id', sa.BigInteger(), nullable=False, comment='The move.'),
    sa.Column('stock_lot_id', sa.BigInteger(), nullable=False, comment='Lot.'),
    sa.Column('quantity', sa.Numeric(precision=20, scale=6), nullable=False, comment='Quantity in (positive) or out (negative).'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('quantity <> 0', name=op.f('ck_stock_move_lot_quantity')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_stock_move_lot_company_id')),
    sa.ForeignKeyConstraint(['stock_lot_id'], ['erp.stock_lot.id'], name=op.f('fk_stock_move_lot_stock_lot_id')),
    sa.ForeignKeyConstraint(['stock_move_id'], ['erp.stock_move.id'], name=op.f('fk_stock_move_lot_stock_move_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_move_lot')),
    sa.UniqueConstraint('stock_move_id', 'stock_lot_id', name=op.f('uq_stock_move_lot_stock_move_id_stock_lot_id')),
    schema='erp',
    comment='The lots of a move, for ever.',
    info={'immutable': True}
    )
    op.create_index(op.f('ix_stock_move_lot_company_id'), 'stock_move_lot', ['company_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_move_lot_stock_lot_id'), 'stock_move_lot', ['stock_lot_id'], unique=False, schema='erp')
    op.create_table('stock_transfer_line',
    sa.Column('stock_transfer_id', sa.BigInteger(), nullable=False, comment='The transfer.'),
    sa.Column('line_no', sa.BigInteger(), nullable=False, comment='Place of the line in its document.'),
    sa.Column('item_id', sa.BigInteger(), nullable=False, comment='Item.'),
    sa.Column('quantity', sa.Numeric(precision=20, scale=6), nullable=False, comment="Quantity sent, in the item's own unit."),
    sa.Column('ordered_as', sa.Text(), nullable=True, comment='Quantity as it was entered in another unit, such as 2 BOX.'),
    sa.Column('lot_number', sa.Text(), nullable=True, comment='Lot; empty: those that expire first.'),
    sa.Column('quantity_arrived', sa.Numeric(precision=20, scale=6), nullable=False, comment='Quantity of it that arrived.'),
    sa.Column('company_id', sa.BigInteger(), nullable=False, comment='Company that the row belongs to.'),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Number of the row.'),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When this row was recorded (start of its transaction).'),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_stock_transfer_line_quantity')),
    sa.CheckConstraint('quantity_arrived between 0 and quantity', name=op.f('ck_stock_transfer_line_arrived')),
    sa.ForeignKeyConstraint(['company_id'], ['core.company.id'], name=op.f('fk_stock_transfer_line_company_id')),
    sa.ForeignKeyConstraint(['item_id'], ['erp.item.id'], name=op.f('fk_stock_transfer_line_item_id')),
    sa.ForeignKeyConstraint(['stock_transfer_id'], ['erp.stock_transfer.id'], name=op.f('fk_stock_transfer_line_stock_transfer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_transfer_line')),
    sa.UniqueConstraint('stock_transfer_id', 'line_no', name=op.f('uq_stock_transfer_line_stock_transfer_id_line_no')),
    schema='erp',
    comment='Lines of transfers.',
    info={'posted': ('true', ('quantity_arrived',))}
    )
    op.create_index(op.f('ix_stock_transfer_line_company_id'), 'stock_transfer_line', ['company_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_transfer_line_item_id'), 'stock_transfer_line', ['item_id'], unique=False, schema='erp')
    op.add_column('delivery_line', sa.Column('cost_adjustment', sa.Numeric(precision=20, scale=4), server_default='0', nullable=False, comment='What late receipts added to the cost (negative: took off), each a cost line of its own.'), schema='erp')
    op.add_column('item', sa.Column('standard_cost', sa.Numeric(precision=20, scale=6), nullable=True, comment="Standard cost of one unit, in the company's currency."), schema='erp')
    op.add_column('item', sa.Column('is_lot_tracked', sa.Boolean(), server_default=sa.text('false'), nullable=False, comment='Whether every move of the item names its lot.'), schema='erp')
    op.alter_column('item', 'valuation_method',
               existing_type=sa.TEXT(),
               comment='How stock is valued: moving_average, fifo (first in, first out), standard.',
               existing_comment='How stock is valued.',
               existing_nullable=False,
               schema='erp')
    op.add_column('item_valuation', sa.Column('valuation_method', sa.Text(), server_default='moving_average', nullable=False, comment="How it is valued, as on the item; read under this row's lock."), schema='erp')
    op.add_column('item_valuation', sa.Column('standard_cost', sa.Numeric(precision=20, scale=6), nullable=True, comment='Standard cost of one unit, as on the item.'), schema='erp')
    op.add_column('item_valuation', sa.Column('last_sequence', sa.BigInteger(), server_default='0', nullable=False, comment='Number of the newest move or cost line of the item.'), schema='erp')
    op.add_column('item_valuation', sa.Column('valued_since', sa.Date(), nullable=True, comment='Day of the newest fact when the valuation was last changed: nothing entered later is costed before it.'), schema='erp')
    op.add_column('item_valuation', sa.Column('last_costing_date', sa.Date(), nullable=True, comment='Day of the newest fact in the order of costing.'), schema='erp')
    op.create_table_comment(
        'item_valuation',
        'Quantity and value of an item over all places of the company, and how it is valued now.',
        existing_comment='Quantity and value of an item over all places of the company: its moving average.',
        schema='erp'
    )
    op.add_column('production_component', sa.Column('quantity_reserved', sa.Numeric(precision=20, scale=6), server_default='0', nullable=False, comment='Quantity in stock that is promised to the order.'), schema='erp')
    op.alter_column('production_component', 'issued_amount',
               existing_type=sa.NUMERIC(precision=20, scale=4),
               comment='Its value, with what late receipts changed.',
               existing_comment='Its value.',
               existing_nullable=False,
               schema='erp')
    op.add_column('purchase_order_line', sa.Column('unit', sa.Text(), nullable=True, comment="Unit of the quantity: the item's own."), schema='erp')
    op.add_column('purchase_order_line', sa.Column('ordered_as', sa.Text(), nullable=True, comment='Quantity as it was entered in another unit, such as 2 BOX.'), schema='erp')
    op.create_foreign_key(op.f('fk_purchase_order_line_unit'), 'purchase_order_line', 'unit', ['unit'], ['code'], source_schema='erp', referent_schema='core')
    op.add_column('quote_line', sa.Column('unit', sa.Text(), nullable=True, comment="Unit of the quantity: the item's own."), schema='erp')
    op.add_column('quote_line', sa.Column('ordered_as', sa.Text(), nullable=True, comment='Quantity as it was entered in another unit, such as 2 BOX.'), schema='erp')
    op.create_foreign_key(op.f('fk_quote_line_unit'), 'quote_line', 'unit', ['unit'], ['code'], source_schema='erp', referent_schema='core')
    op.add_column('sales_order_line', sa.Column('unit', sa.Text(), nullable=True, comment="Unit of the quantity: the item's own."), schema='erp')
    op.add_column('sales_order_line', sa.Column('ordered_as', sa.Text(), nullable=True, comment='Quantity as it was entered in another unit, such as 2 BOX.'), schema='erp')
    op.create_foreign_key(op.f('fk_sales_order_line_unit'), 'sales_order_line', 'unit', ['unit'], ['code'], source_schema='erp', referent_schema='core')
    op.alter_column('stock_adjustment', 'reason',
               existing_type=sa.TEXT(),
               comment='opening (first stock), count (difference of a count), found, lost, scrap, damaged, expired.',
               existing_comment='opening (first stock), count (found or missing), scrap.',
               existing_nullable=False,
               schema='erp')
    op.add_column('stock_adjustment_line', sa.Column('lot_number', sa.Text(), nullable=True, comment='Lot; empty: those that expire first.'), schema='erp')
    op.add_column('stock_adjustment_line', sa.Column('expiry_date', sa.Date(), nullable=True, comment='Last day on which a new lot may be used.'), schema='erp')
    op.add_column('stock_cost_line', sa.Column('sequence', sa.BigInteger(), nullable=True, comment='Place among all moves and cost lines of the item; empty for late receipts.'), schema='erp')
    op.add_column('stock_cost_line', sa.Column('costing_date', sa.Date(), nullable=True, comment='Day in the order of costing; empty for late receipts.'), schema='erp')
    op.add_column('stock_cost_line', sa.Column('stock_move_id', sa.BigInteger(), nullable=True, comment='Move whose value it corrects; for a price difference the move whose layer it corrects.'), schema='erp')
    op.add_column('stock_cost_line', sa.Column('corrects_id', sa.BigInteger(), nullable=True, comment='Cost line that it corrects.'), schema='erp')
    op.alter_column('stock_cost_line', 'kind',
               existing_type=sa.TEXT(),
               comment='Why: price_difference (the bill differs from the order), late_receipt (what left costs something else, now that a receipt was entered late), revaluation (a new standard cost).',
               existing_comment='Why: price_difference (the bill differs from the order).',
               existing_nullable=False,
               schema='erp')
    op.create_index(op.f('ix_stock_cost_line_corrects_id'), 'stock_cost_line', ['corrects_id'], unique=False, schema='erp')
    op.create_index(op.f('ix_stock_cost_line_stock_move_id'), 'stock_cost_line', ['stock_move_id'], unique=False, schema='erp')
    op.create_unique_constraint(op.f('uq_stock_cost_line_item_id_sequence'), 'stock_cost_line', ['item_id', 'sequence'], schema='erp')
    op.create_foreign_key(op.f('fk_stock_cost_line_corrects_id'), 'stock_cost_line', 'stock_cost_line', ['corrects_id'], ['id'], source_schema='erp', referent_schema='erp')
    op.create_foreign_key(op.f('fk_stock_cost_line_stock_move_id'), 'stock_cost_line', 'stock_move', ['stock_move_id'], ['id'], source_schema='erp', referent_schema='erp')
    op.add_column('stock_location', sa.Column('kind', sa.Text(), server_default='store', nullable=False, comment='store, or transit: what has left one place and not reached the other.'), schema='erp')
    op.create_index('uq_stock_location_transit', 'stock_location', ['company_id'], unique=True, schema='erp', postgresql_where=sa.text("kind = 'transit'"))
    op.add_column('stock_move', sa.Column('sequence', sa.BigInteger(), nullable=True, comment='Place among all moves and cost lines of the item, as they were recorded.'), schema='erp')
    op.add_column('stock_move', sa.Column('costing_date', sa.Date(), nullable=True, comment='Day in the order of costing: its own for what came in at a known cost, however late; else no earlier than what was recorded before.'), schema='erp')
    op.add_column('stock_move', sa.Column('returned_move_id', sa.BigInteger(), nullable=True, comment='Move whose goods came back by this one.'), schema='erp')
    op.create_index(op.f('ix_stock_move_returned_move_id'), 'stock_move', ['returned_move_id'], unique=False, schema='erp')
    number_what_is_there()
    op.create_unique_constraint(op.f('uq_stock_move_item_id_sequence'), 'stock_move', ['item_id', 'sequence'], schema='erp')
    op.create_foreign_key(op.f('fk_stock_move_returned_move_id'), 'stock_move', 'stock_move', ['returned_move_id'], ['id'], source_schema='erp', referent_schema='erp')
    change_checks()


# Table → (check, what it says now).
CHECKS = {
    "erp.item": [
        ("valuation_method", "valuation_method in ('moving_average', 'fifo', 'standard')"),
        ("standard_cost", "valuation_method <> 'standard' OR standard_cost IS NOT NULL"),
        ("standard_cost_sign", "standard_cost >= 0"),
    ],
    "erp.stock_location": [("kind", "kind in ('store', 'transit')")],
    "erp.stock_move": [
        (
            "kind",
            "kind in ('adjustment', 'delivery', 'customer_return', 'receipt', 'return', 'issue', 'issue_return', "
            "'completion', 'transfer')",
        ),
    ],
    "erp.stock_cost_line": [
        ("kind", "kind in ('price_difference', 'late_receipt', 'revaluation')"),
        ("late_is_no_fact", "(kind = 'late_receipt') = (sequence IS NULL)"),
        ("late_corrects_one", "kind <> 'late_receipt' OR num_nonnulls(stock_move_id, corrects_id) = 1"),
    ],
    "erp.stock_adjustment": [
        ("reason", "reason in ('opening', 'count', 'found', 'lost', 'scrap', 'damaged', 'expired')"),
    ],
    "erp.delivery_line": [
        ("cost_returned", "cost_returned between 0 and cost_amount + cost_adjustment"),
        ("returned_whole", "quantity_returned < quantity OR cost_returned = cost_amount + cost_adjustment"),
    ],
    "erp.production_component": [("reserved", "quantity_reserved >= 0")],
}


def change_checks() -> None:
    """Checks are not compared by autogenerate."""
    for table, checks in CHECKS.items():
        for name, condition in checks:
            constraint = f"ck_{table.split('.')[1]}_{name}"
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}")
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK ({condition})")


def number_what_is_there() -> None:
    """Moves and cost lines that exist are costed in the order in which they were recorded, as they were."""
    op.execute("ALTER TABLE erp.stock_move DISABLE TRIGGER USER")
    op.execute("ALTER TABLE erp.stock_cost_line DISABLE TRIGGER USER")
    numbered = """
        WITH facts AS (
          SELECT 'move' AS part, id, item_id, business_date, recorded_at FROM erp.stock_move
          UNION ALL SELECT 'line', id, item_id, business_date, recorded_at FROM erp.stock_cost_line
        ), numbered AS (
          SELECT part, id, item_id, row_number() OVER upto AS sequence, max(business_date) OVER upto AS costing_date
          FROM facts WINDOW upto AS (PARTITION BY item_id ORDER BY recorded_at, part DESC, id)
        )"""
    for part, table in (("move", "stock_move"), ("line", "stock_cost_line")):
        op.execute(
            f"{numbered} UPDATE erp.{table} t SET sequence = n.sequence, costing_date = n.costing_date "
            f"FROM numbered n WHERE n.part = '{part}' AND n.id = t.id"
        )
    op.execute(
        "UPDATE erp.item_valuation v SET last_sequence = f.last, last_costing_date = f.day FROM ("
        "SELECT item_id, max(sequence) AS last, max(costing_date) AS day FROM (SELECT item_id, sequence, costing_date "
        "FROM erp.stock_move UNION ALL SELECT item_id, sequence, costing_date FROM erp.stock_cost_line) q GROUP BY 1) f "
        "WHERE f.item_id = v.item_id"
    )
    # Components came back at their share of what the order had issued; customers' goods at their delivery's cost.
    op.execute(
        "UPDATE erp.stock_move m SET returned_move_id = d.stock_move_id FROM erp.customer_return_line r "
        "JOIN erp.delivery_line d ON d.id = r.delivery_line_id WHERE r.stock_move_id = m.id"
    )
    op.execute(
        "UPDATE erp.stock_move m SET returned_move_id = (SELECT max(o.id) FROM erp.stock_move o WHERE o.kind = 'issue' "
        "AND o.document_type = m.document_type AND o.document_line_id = m.document_line_id) "
        "WHERE m.kind = 'issue_return'"
    )
    op.execute("ALTER TABLE erp.stock_move ENABLE TRIGGER USER")
    op.execute("ALTER TABLE erp.stock_cost_line ENABLE TRIGGER USER")
    for name in ("sequence", "costing_date"):
        op.alter_column("stock_move", name, nullable=False, schema="erp")
