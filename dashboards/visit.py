"""One run of a page: who looks at which publication. Made at its beginning, handed to everything that follows."""

from dataclasses import dataclass

import streamlit as st

from dashboards.i18n import LANGUAGES, offered
from dashboards.policy import COOKIE, LANGUAGE_COOKIE, Scope, Viewer
from pipelines.publication import Publication


@dataclass(frozen=True)
class Visit:
    """The viewer and the publication of this run; a page asks for neither again, so it cannot mix two."""

    viewer: Viewer
    shown: Publication

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
