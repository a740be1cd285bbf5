"""Reviews of the use of resources: a figure, a proposal and its money effect for each work centre, item and supplier."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, rate_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class ResourceReview(DocumentRow):
    __tablename__ = "resource_review"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('done')", "state"),
        CheckConstraint("start_date <= end_date", "dates"),
        {
            "schema": "erp",
            "comment": "Reviews of how resources were used in some days.",
            "info": {"posted": ("true", ("version",))},
        },
    )
    start_date: Mapped[date] = column("First day that was looked at.")
    end_date: Mapped[date] = column("Last day that was looked at.")
    effect_amount: Mapped[Decimal] = money_column("Money at stake in all proposals, in the company's currency.")


class ResourceFinding(CompanyRow):
    __tablename__ = "resource_finding"
    __table_args__ = (
        CheckConstraint(
            "kind in ('utilisation', 'yield', 'stock_turns', 'supplier_lateness', 'cost_variance')", "kind"
        ),
        CheckConstraint("num_nonnulls(work_centre_id, item_id, supplier_id) = 1", "one_subject"),
        {
            "schema": "erp",
            "comment": "What a review found about one work centre, item or supplier, and what it proposes.",
            "info": {"immutable": True},
        },
    )
    resource_review_id: Mapped[int] = reference("The review.", "erp.resource_review.id")
    kind: Mapped[str] = column("utilisation, yield, stock_turns, supplier_lateness or cost_variance.")
    work_centre_id: Mapped[int | None] = reference("Work centre that it is about.", "erp.work_centre.id")
    item_id: Mapped[int | None] = reference("Item that it is about.", "erp.item.id")
    supplier_id: Mapped[int | None] = reference("Supplier that it is about.", "core.party_role.id")
    measure: Mapped[Decimal] = rate_column(
        "The figure: utilisation and yield as a fraction, turns a year, days late, overrun of the plan as a fraction."
    )
    proposal: Mapped[str] = column("What to change; its sentence stands in the list of labels.")
    effect_amount: Mapped[Decimal] = money_column("Money at stake, in the company's currency.")


resource_review = Document(
    name="resource_review",
    module="erp",
    model=ResourceReview,
    title=_("Review of resources"),
    plural=_("Reviews of resources"),
    prefix="RR",
    columns=("number", "business_date", "start_date", "end_date", "effect_amount", "state"),
    states={"done": _("done")},
    lines=(
        Lines(
            name="findings",
            model=ResourceFinding,
            parent="resource_review_id",
            title=_("Findings"),
            columns=("kind", "work_centre_id", "item_id", "supplier_id", "measure", "proposal", "effect_amount"),
        ),
    ),
)
