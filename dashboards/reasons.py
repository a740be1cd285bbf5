"""Why a figure is not there: said in words, since an empty place could be taken for a zero."""

from collections.abc import Sequence
from datetime import date

from dashboards.figures import Company, Overview
from dashboards.gate import DASHBOARD
from dashboards.i18n import _
from dashboards.metrics import MONTHLY, Measure
from dashboards.policy import Scope


def why_missing(measure: Measure, companies: Sequence[Company], month: date, overview: Overview, scope: Scope) -> str:
    """A short sentence about a figure that none of these companies has in this month."""
    permitted = scope.companies(DASHBOARD, measure.entity, *measure.also)
    if not any(company.id in permitted for company in companies):
        return str(_("Your roles do not open this figure."))
    if measure.of_books and not any(company.keeps_books for company in companies):
        return str(_("No books are kept here."))
    if measure not in MONTHLY:
        return str(_("Nothing of this in the period."))
    if measure.of_books:
        return str(_("The ledger has no such account."))
    if measure.name == "headcount":
        return str(_("No employees on record."))
    if measure.name == "margin" and overview.total(companies, month, "revenue") is not None:
        return str(_("The cost of some lines is not known."))
    if measure.name == "sales_order_amount" and overview.total(companies, month, "sales_order_count") is not None:
        return str(_("Some orders are in other currencies."))
    return str(_("No sales are known of this month."))
