"""One run of a page: who looks at which publication. Made at its beginning, handed to everything that follows.

A page stays with the publication that it was opened on: figures do not change under the eyes of whoever reads them, the
rows of a figure are those of the publication that showed it, and no run can put new figures beside old ones. To load the
page anew shows the latest; so does a link in its head as soon as there is one.
"""

from dataclasses import dataclass
from datetime import date

import streamlit as st

from dashboards import warehouse
from dashboards.i18n import LANGUAGES, offered
from dashboards.policy import COOKIE, LANGUAGE_COOKIE, Scope, Viewer
from pipelines.publication import Publication


@dataclass(frozen=True)
class Visit:
    """The viewer and the publication of this run; a page asks for neither again, so it cannot mix two.

    Attributes:
        newer: the latest publication, where the page shows an earlier one.
    """

    viewer: Viewer
    shown: Publication
    newer: Publication | None = None

    @property
    def scope(self) -> Scope:
        return self.viewer.scope


def session_token() -> str:
    """The session cookie of the app, which the browser sends to every port of the same host; empty if there is none."""
    return st.context.cookies.get(COOKIE, "")


def wanted_language() -> str:
    """Language before anybody is signed in: the one chosen in the app, else the browser's."""
    chosen = st.context.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else offered(st.context.locale or "en")


# In the address, and in the state of the browser's tab: a publication's number, or a day (the last one made until its end).
PUBLICATION = "at"


def publications() -> tuple[Publication, Publication | None] | None:
    """The publication to show, and the latest where that is another; None before the first one.

    The address names it, or the tab has been shown it before; one that was withdrawn since is shown no longer.

    Raises:
        WarehouseAway: the catalog does not answer.
    """
    newest = warehouse.latest()
    if newest is None:
        return None
    named = st.query_params.get(PUBLICATION, "")
    found = _named(named)
    wanted = found if found is not None else st.session_state.get(PUBLICATION, newest.id)
    shown = newest if wanted == newest.id else warehouse.earlier(wanted) or newest
    st.session_state[PUBLICATION] = shown.id
    if found == shown.id and not named.isdecimal():
        # A day becomes the number of its publication: whoever gets the link later sees the same.
        st.query_params[PUBLICATION] = str(shown.id)
    return shown, newest if shown.id != newest.id else None


def _named(text: str) -> int | None:
    """The number of the publication that an address names, by its number or by a day."""
    if text.isdecimal():
        return int(text)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return next((one.id for one in warehouse.every() if one.published_at.date() <= day), NONE_SO_EARLY)


# No publication has this number: the page says that there was none, and shows the latest.
NONE_SO_EARLY = 0


def leave_publication() -> None:
    """Forget which publication this tab shows, so that its next run takes the latest."""
    st.session_state.pop(PUBLICATION, None)
    st.query_params.pop(PUBLICATION, None)
