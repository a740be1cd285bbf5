"""What a page is asked for, kept in its address: company, last month, length of the period, what it is compared with, section.

The address is the truth: what a link or the browser's way back names replaces what was chosen here before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import display, figures
from dashboards.address import EARLIER, month_of, month_text
from dashboards.boards.board import Board, Section
from dashboards.boards.view import SPANS, VERSUS, View, period_of
from dashboards.figures import Company, Overview
from dashboards.filters import query_now
from dashboards.i18n import Text, _
from dashboards.visit import PUBLICATION, Visit

KEYS = ("company", "to", "span", "versus", "tab", EARLIER)
# Of one page only: the ways to others do not carry them.
OF_PAGE = ("tab", EARLIER)


@dataclass(frozen=True)
class Asked:
    """The view that a page is asked for, and which of its sections."""

    view: View
    section: Section


class Choices:
    """The filters of one page: what the address names, unless it still says what was chosen here."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.named = {name: values[0] for name, values in query_now().items() if name in KEYS}
        self.changed = st.session_state.get(f"address-{self.page}") != self.named

    def key(self, name: str, choices: Sequence[str], usual: str) -> str:
        """The key of a filter, whose choice follows the address where that has changed."""
        key = f"{name}-{self.page}"
        if self.changed or st.session_state.get(key) not in choices:
            named = self.named.get(name, usual)
            st.session_state[key] = named if named in choices else usual
        return key

    def select(
        self,
        place: DeltaGenerator,
        name: str,
        label: Text,
        choices: Sequence[str],
        usual: str,
        words: Callable[[str], str],
    ) -> str:
        return place.selectbox(str(label), choices, key=self.key(name, choices, usual), format_func=words)

    def segments(
        self,
        place: DeltaGenerator,
        name: str,
        label: Text,
        words: Mapping[str, Text],
        usual: str = "",
        *,
        hidden: bool = False,
    ) -> str:
        return place.segmented_control(
            str(label),
            list(words),
            key=self.key(name, list(words), usual or next(iter(words))),
            required=True,
            format_func=lambda value: str(words[value]),
            label_visibility="collapsed" if hidden else "visible",
        )

    def company(self, place: DeltaGenerator, overview: Overview) -> tuple[Company, str]:
        """The company that is chosen, and the code of the one that is where nothing was."""
        companies = {company.code: company for company in ordered(overview)}
        first = next(iter(companies))
        code = self.select(
            place, "company", _("Company"), list(companies), first, lambda code: f"{code} · {companies[code].name}"
        )
        return companies[code], first

    def month(self, place: DeltaGenerator, overview: Overview, company: Company, usual: date) -> date:
        """The last month of the period that is chosen."""
        months = overview.months([company])
        texts = [month_text(month) for month in reversed(months)]
        chosen = self.select(
            place, "to", _("To the end of"), texts, month_text(usual),
            lambda text: display.month_name(month_of(text) or months[-1]),
        )  # fmt: skip
        return month_of(chosen) or usual

    def keep(self, query: Mapping[str, str]) -> None:
        """Write what is chosen into the address."""
        kept = dict(query)
        if kept != {name: st.query_params[name] for name in st.query_params if name != PUBLICATION}:
            named = {PUBLICATION: st.query_params[PUBLICATION]} if PUBLICATION in st.query_params else {}
            st.query_params.from_dict(kept | named)
        st.session_state[f"address-{self.page}"] = kept
        st.session_state["asked"] = {name: value for name, value in kept.items() if name not in OF_PAGE}


def ask(visit: Visit, overview: Overview, board: Board) -> Asked:
    """Draw the filters and the sections of a board, and give what is chosen."""
    choices = Choices(board.name)
    sections = {section.name: section for section in board.sections}
    with st.container(key="asked"):
        left, middle, span, versus = st.columns([2.1, 1.2, 2.6, 1.9])
    company, first = choices.company(left, overview)
    usual = usual_month(visit, overview, company)
    to = choices.month(middle, overview, company, usual)
    length = choices.segments(span, "span", _("Period"), SPANS)
    against = choices.segments(versus, "versus", _("Compared with"), VERSUS)
    tab = next(iter(sections))
    if len(sections) > 1:
        titles = {name: section.title for name, section in sections.items()}
        tab = choices.segments(st.container(), "tab", _("Section"), titles, hidden=True)
    plain = {
        "company": first,
        "to": month_text(usual),
        "span": next(iter(SPANS)),
        "versus": next(iter(VERSUS)),
        "tab": next(iter(sections)),
    }
    chosen = {"company": company.code, "to": month_text(to), "span": length, "versus": against, "tab": tab}
    query = {name: value for name, value in chosen.items() if value != plain[name]}
    choices.keep(query)
    filters = {"page": [board.name]} | {name: [value] for name, value in query.items()}
    period = period_of(length, to)
    return Asked(View(visit.shown, visit.scope, overview, company, period, against, filters), sections[tab])


def ordered(overview: Overview) -> list[Company]:
    """Companies with figures; those with books come first, since they have more to show."""
    known = [company for company in overview.companies if overview.months([company])]
    return sorted(known, key=lambda company: (not company.keeps_books, company.code))


def usual_month(visit: Visit, overview: Overview, company: Company) -> date:
    """The last month that is over and in which something is known: one that still runs is compared with whole ones."""
    known = known_months(overview, company)
    over = [m for m in known if figures.last_day(m) < visit.shown.published_at.date()]
    return (over or known)[-1]


def known_months(overview: Overview, company: Company) -> list[date]:
    """Months in which something is known of a company, the earliest first."""
    months = overview.months([company])
    return [month for month in months if overview.value(company, month, "revenue") is not None] or months
