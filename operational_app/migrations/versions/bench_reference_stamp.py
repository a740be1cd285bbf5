"""When reference data was last changed: one row that lets units of work share what they know.

Revision ID: bench
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "bench"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reference_stamp",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Always 1."),
        sa.Column(
            "stamp", sa.BigInteger(), nullable=False, comment="Transaction that last changed reference data."
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_reference_stamp_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_stamp")),
        schema="core",
        comment="When reference data was last changed: one row.",
    )


def downgrade() -> None:
    op.drop_table("reference_stamp", schema="core")
