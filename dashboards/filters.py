"""Filters of the executive page: companies and a range of months, kept in the address.

The address is the truth: what a link or the browser's way back names replaces what was chosen here before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from dashboards import display
from dashboards.address import month_of, month_text
from dashboards.figures import Company, Overview
from dashboards.i18n import _
from dashboards.visit import PUBLICATION

# Months that are shown of each company where no first month was chosen.
USUAL_MONTHS = 24


@dataclass(frozen=True)
class Filters:
    """What was chosen; an empty choice means all companies, or the usual months."""

    companies: tuple[Company, ...]
    first: date | None
    last: date | None
    query: dict[str, list[str]]

    def months_of(self, overview: Overview, companies: Sequence[Company]) -> list[date]:
        """The months to show for these companies, the earliest first."""
        months = [
            month
            for month in overview.months(companies)
            if (self.first is None or month >= self.first) and (self.last is None or month <= self.last)
        ]
        if self.first:
            return months
        # Nobody wants to look at the years before the first sale, unless asked for.
        begun = (n for n, month in enumerate(months) if any(overview.value(c, month, "revenue") for c in companies))
        return months[next(begun, 0) :][-USUAL_MONTHS:]


def query_now() -> dict[str, list[str]]:
    """The query part of the address, with every value of a repeated name, but for the publication, which is no filter."""
    return {name: st.query_params.get_all(name) for name in st.query_params if name != PUBLICATION}


def choose(overview: Overview) -> Filters:
    """Draw the filters and give what is chosen."""
    months = overview.months(overview.companies)
    codes = {company.code: company for company in overview.companies}
    # Months as text: Streamlit shows a choice of None as no choice at all.
    choices = ["", *(month_text(month) for month in reversed(months))]
    _follow_address(codes, months)
    left, middle, right = st.columns([3, 1, 1])
    chosen = left.multiselect(
        str(_("Companies")),
        list(codes),
        key="chosen_companies",
        format_func=lambda code: f"{code} · {codes[code].name}",
        placeholder=str(_("All companies")),
    )
    first = middle.selectbox(
        str(_("From")),
        choices,
        key="chosen_first",
        format_func=lambda text: _month_name(text) or _("Last {n} months").format(n=USUAL_MONTHS),
    )
    last = right.selectbox(
        str(_("To")),
        choices,
        key="chosen_last",
        format_func=lambda text: _month_name(text) or str(_("Latest month")),
    )
    query = {
        "company": sorted(chosen),
        "from": [first] if first else [],
        "to": [last] if last else [],
    }
    query = {name: values for name, values in query.items() if values}
    if query != query_now():
        named = {PUBLICATION: [st.query_params[PUBLICATION]]} if PUBLICATION in st.query_params else {}
        st.query_params.from_dict(query | named)
    st.session_state["address"] = query
    return Filters(
        tuple(codes[code] for code in sorted(chosen)) or overview.companies, month_of(first), month_of(last), query
    )


def _month_name(text: str) -> str:
    month = month_of(text)
    return display.month_name(month) if month else ""


def _follow_address(codes: dict[str, Company], months: list[date]) -> None:
    """Take the choice from the address, where it is not the one that we wrote there last."""
    query = query_now()
    if "chosen_companies" in st.session_state and st.session_state.get("address") == query:
        return
    st.session_state["chosen_companies"] = [code for code in query.get("company", []) if code in codes]
    for name, key in (("from", "chosen_first"), ("to", "chosen_last")):
        month = month_of(next(iter(query.get(name, [])), None))
        st.session_state[key] = month_text(month) if month in months else ""
