"""The button that gives a page's tables as a workbook, made with the rights of the moment in which it is asked for."""

from collections.abc import Callable

import streamlit as st

from dashboards import i18n, policy, workbook
from dashboards.i18n import _
from dashboards.policy import Scope
from dashboards.visit import session_token


def excel(make: Callable[[Scope], bytes], name: str) -> None:
    """Draw the button.

    Args:
        make: gives the file for a scope.
        name: of the file, without its ending.
    """
    language, token = i18n.current(), session_token()

    def made() -> bytes:
        # Made when it is asked for, perhaps much later: so the rights are those of that moment.
        i18n.use(language)
        viewer = policy.find_viewer(token)
        if viewer is None:
            raise PermissionError("the session has ended")
        return make(viewer.scope)

    st.download_button(
        str(_("Excel")),
        made,
        file_name=f"{name}.xlsx",
        mime=workbook.MIME,
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
