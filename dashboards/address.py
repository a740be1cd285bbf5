"""The address of a page is its state: filters and the chosen figure are read from it and kept in it."""

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlencode

from dashboards.figures import Company, Figure, Overview
from dashboards.metrics import MEASURES, MONTHLY
from dashboards.visit import PUBLICATION


def month_text(month: date) -> str:
    return f"{month:%Y-%m}"


def month_of(text: str | None) -> date | None:
    """The first day of a month written as 2026-11; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


# The earlier publication that the page of changes compares with, by its number.
EARLIER = "before"
# Filters of pages, to return to from the rows of a figure.
BACK = ("page", "company", "from", "to", "span", "versus", "tab", EARLIER)
# The publication to return to, where it is not the one of the rows.
RETURN = "after"


def figure_query(
    measure: str, companies: Sequence[Company], month: date, filters: Mapping[str, list[str]], publication_id: int
) -> str:
    """The query part of the address of a monthly figure's rows, with the filters to return to."""
    return query_of(Figure(MEASURES[measure], tuple(companies), month), filters, publication_id)


def query_of(figure: Figure, filters: Mapping[str, list[str]], publication_id: int) -> str:
    """The query part of the address of a figure's rows: of this publication, with the filters to return to."""
    chosen = [
        ("measure", figure.measure.name),
        *(("of", company.code) for company in figure.companies),
        ("month", month_text(figure.month)),
        *([("since", month_text(figure.since))] if figure.since and figure.since != figure.month else []),
        # A part whose key is empty: there is no key of one letter that could be taken for it.
        *((name, EMPTY if value is None else value) for name, value in figure.parts),
    ]
    back = [(name, value) for name, values in filters.items() if name in BACK for value in values]
    return urlencode([*chosen, *back, (PUBLICATION, publication_id)])


def changes_query(figure: Figure, filters: Mapping[str, list[str]], earlier_id: int | None, publication_id: int) -> str:
    """The query part of the address of what has changed in a figure, between two publications; the one before without any."""
    back = {name: values for name, values in filters.items() if name != EARLIER}
    named = {} if earlier_id is None else {EARLIER: [str(earlier_id)]}
    return query_of(figure, {**back, **named}, publication_id)


EMPTY = "-"


def figure_of(query: Mapping[str, list[str]], overview: Overview) -> Figure | None:
    """The figure that an address names; None where it names none that this viewer has."""
    measure = MEASURES.get(next(iter(query.get("measure", [])), ""))
    month = month_of(next(iter(query.get("month", [])), None))
    named = query.get("since", [])
    since = month_of(next(iter(named), None))
    codes = query.get("of", [])
    companies = tuple(company for company in overview.companies if company.code in codes)
    if measure is None or month is None or not companies or len(companies) != len(set(codes)):
        return None
    if named and (since is None or since > month):
        return None
    parts = tuple(
        (name, None if values[0] == EMPTY else values[0])
        for name in measure.dimensions
        if (values := query.get(name, []))
    )
    if measure.name in {monthly.name for monthly in MONTHLY} and not parts and since is None:
        if any((company.id, month) not in overview.values for company in companies):
            return None
    if measure.unit == "money" and len({company.currency for company in companies}) > 1:
        return None
    if measure.own_currency and "currency" not in dict(parts):
        return None
    return Figure(measure, companies, month, since, parts)
