"""Entry of the dashboards: who looks, at which publication, and then the page. Run by `hub serve` with Streamlit.

Every run of a page begins here: the session is checked against the store, the publication is looked up once, and both
go to the page as one `Visit`. What is missing is said in a sentence with what to do next.
"""

from functools import partial
from pathlib import Path

import duckdb
import streamlit as st

from dashboards import documents, i18n, policy, shell, warehouse
from dashboards.boards import BOARDS
from dashboards.gate import DASHBOARD
from dashboards.i18n import _
from dashboards.views import board as board_page
from dashboards.views import catalogue, changes, executive, rows, trust
from dashboards.visit import Visit, leave_publication, publications, session_token, wanted_language

# A file of ours: Streamlit would fetch a named symbol from the network.
ICON = Path(__file__).resolve().parent / "icon.svg"


def main() -> None:
    i18n.use(wanted_language())
    st.set_page_config(
        page_title="Pentahub",
        page_icon=str(ICON),
        layout="wide",
        initial_sidebar_state="collapsed",
        # A menu with one entry of ours: it also holds the choice of light or dark.
        menu_items={"About": f"**Pentahub** · {_('Every number opens its documents.')}"},
    )
    shell.style()
    try:
        viewer = policy.find_viewer(session_token())
    except policy.StoreAway:
        shell.notice(_("The operational store does not answer."), _("Ask your administrator to start it, then reload."))
        return
    if viewer is None:
        shell.sign_in()
        return
    i18n.use(viewer.language)
    if not viewer.scope.companies(DASHBOARD):
        shell.notice(
            _("You may not see this dashboard."),
            _("{name}, no role of yours opens it. Ask your administrator for one that does.").format(name=viewer.name),
        )
        return
    try:
        found = publications()
        if found is None:
            shell.notice(
                _("Nothing is published yet."),
                _("Figures appear with the first publication: ./hub sync, ./hub build, ./hub publish."),
            )
            return
        shown, newer = found
        try:
            show(Visit(viewer, shown, newer))
        except duckdb.Error:
            # An earlier publication may lack what pages read by now.
            if newer is None:
                raise
            leave_publication()
            st.rerun()
    except warehouse.WarehouseAway as error:
        shell.notice(_("The warehouse cannot be read."), _("Ask your administrator: ./hub doctor says what is wrong."))
        st.caption(str(error))


def show(visit: Visit) -> None:
    """The page that the address names, between head and foot."""
    pages: dict[str, st.Page] = {}
    behind = st.Page(
        lambda: rows.page(visit, pages), title=str(_("Rows behind a figure")), url_path="rows", visibility="hidden"
    )
    pages["executive"] = st.Page(
        lambda: executive.page(visit, behind),
        title=str(_("Executive overview")),
        icon=":material/monitoring:",
        url_path="executive",
        default=True,
    )
    for board in BOARDS:
        pages[board.name] = st.Page(
            partial(board_page.page, visit, board, behind),
            title=str(board.title),
            icon=f":material/{board.icon}:",
            url_path=board.name,
        )
    pages["trust"] = st.Page(
        lambda: trust.page(visit), title=str(_("Data trust")), icon=":material/verified:", url_path="trust"
    )
    pages["changes"] = st.Page(
        lambda: changes.page(visit, pages["changes"]),
        title=str(_("What has changed")),
        icon=":material/history:",
        url_path=changes.NAME,
    )
    pages["catalogue"] = st.Page(
        lambda: catalogue.page(visit), title=str(_("Catalogue")), icon=":material/menu_book:", url_path="catalogue"
    )
    chosen = st.navigation([*pages.values(), behind], position="hidden")
    shell.head(visit, documents.app_url())
    shell.ways(list(pages.values()), chosen)
    chosen.run()
    shell.foot(visit)


main()
