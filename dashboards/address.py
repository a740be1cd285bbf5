"""The address of a page is its state: filters and the chosen figure are read from it and kept in it."""

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlencode

from dashboards.figures import Company, Figure, Overview
from dashboards.metrics import MEASURES
from dashboards.visit import PUBLICATION


def month_text(month: date) -> str:
    return f"{month:%Y-%m}"


def month_of(text: str | None) -> date | None:
    """The first day of a month written as 2026-11; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def figure_query(
    measure: str, companies: Sequence[Company], month: date, filters: Mapping[str, list[str]], publication_id: int
) -> str:
    """The query part of the address of a figure's rows: of this publication, with the filters to return to."""
    chosen = [("measure", measure), *(("of", company.code) for company in companies), ("month", month_text(month))]
    back = [(name, value) for name, values in filters.items() for value in values]
    return urlencode([*chosen, *back, (PUBLICATION, publication_id)])


def figure_of(query: Mapping[str, list[str]], overview: Overview) -> Figure | None:
    """The figure that an address names; None where it names none that this viewer has."""
    measure = MEASURES.get(next(iter(query.get("measure", [])), ""))
    month = month_of(next(iter(query.get("month", [])), None))
    codes = query.get("of", [])
    companies = tuple(company for company in overview.companies if company.code in codes)
    if measure is None or month is None or not companies or len(companies) != len(set(codes)):
        return None
    if any((company.id, month) not in overview.values for company in companies):
        return None
    if measure.unit == "money" and len({company.currency for company in companies}) > 1:
        return None
    return Figure(measure, companies, month)
