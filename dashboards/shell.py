"""What stands around every page: style, head, foot, and the pages that say why there is nothing to see."""

import base64
import html
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote, urlencode

import streamlit as st

from dashboards import display, documents
from dashboards.address import EARLIER
from dashboards.i18n import Text, _
from dashboards.visit import PUBLICATION, Visit
from pipelines.publication import PASSED

STYLE = """
<style>
.block-container {max-width: 1360px; padding-top: 3.25rem; padding-bottom: 3rem;}
.hub-head {display: flex; align-items: baseline; gap: .75rem; flex-wrap: wrap; margin-bottom: .25rem;}
.hub-brand {font-weight: 650; letter-spacing: -.01em; font-size: 1.05rem;}
.hub-quiet {opacity: .68; font-size: .84rem;}
.hub-right {margin-left: auto;}
.hub-table-box {overflow-x: auto; border: 1px solid rgba(128,128,128,.25); border-radius: .5rem;}
.hub-table-box.tall {max-height: 34rem; overflow-y: auto;}
table.hub {border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums;}
table.hub th, table.hub td {padding: .42rem .75rem; border: 0; border-bottom: 1px solid rgba(128,128,128,.16);
  text-align: left; white-space: nowrap;}
table.hub td.wide {white-space: normal; min-width: 9rem;}
table.hub th {font-weight: 600; opacity: .72; font-size: .8rem;}
table.hub thead th {position: sticky; top: 0; background: var(--hub-surface); z-index: 1; opacity: 1;}
table.hub .amount {text-align: right;}
table.hub tfoot td {font-weight: 650; border-top: 2px solid rgba(128,128,128,.35); border-bottom: 0;
  position: sticky; bottom: 0; background: var(--hub-surface);}
table.hub tbody tr:hover td {background: rgba(128,128,128,.07);}
table.hub a, .hub-head a {color: var(--hub-accent) !important; text-decoration: none;}
table.hub a:hover, table.hub a:focus, .hub-head a:hover {text-decoration: underline;}
table.hub td.nothing {opacity: .55;}
h1 {font-size: 1.9rem !important; letter-spacing: -.015em; padding: .25rem 0 .5rem !important;}
h3 {font-size: 1.2rem !important;}
.hub-spark {display: block; width: 100%; height: 2.4rem; color: var(--hub-accent); margin: .1rem 0 .2rem;}
/* The way to the rows stands at the foot of every card, in one line across them. */
[class*="st-key-card-"] [data-testid="stElementContainer"]:has([data-testid="stPageLink"]) {margin-top: auto;}
.hub-notice {max-width: 34rem; margin: 12vh auto 0; padding: 1.75rem 2rem; border: 1px solid rgba(128,128,128,.25);
  border-radius: .6rem;}
.hub-notice h2 {font-size: 1.35rem !important; padding: 1rem 0 .25rem !important;}
.hub-button, .hub-button:visited {display: inline-block; margin-top: .5rem; padding: .5rem 1.25rem; border-radius: .5rem;
  background: var(--hub-accent); color: var(--hub-surface) !important; text-decoration: none !important; font-weight: 600;}
.hub-newer {text-align: center; border-radius: .5rem; padding: .35rem .75rem; background: rgba(31,95,191,.1);}
.hub-newer a {color: var(--hub-accent) !important;}
.st-key-ways {border-bottom: 1px solid rgba(128,128,128,.25); gap: .15rem 1.1rem !important; margin-bottom: .5rem;
  flex-wrap: wrap !important;}
.st-key-ways [data-testid="stPageLink"] a {padding: .35rem .1rem .45rem !important; border-radius: 0;
  border-bottom: 2px solid transparent; background: none !important;}
.st-key-ways [data-testid="stPageLink"] p {font-size: .92rem;}
.st-key-ways [data-testid="stPageLink"] a:hover {border-bottom-color: rgba(128,128,128,.5);}
[class*="st-key-way-"][class*="-here"] [data-testid="stPageLink"] a {border-bottom-color: var(--hub-accent);}
[class*="st-key-way-"][class*="-here"] [data-testid="stPageLink"] p {font-weight: 650;}
@media (max-width: 1000px) {
  [class*="st-key-cards-"] [data-testid="stHorizontalBlock"], .st-key-asked [data-testid="stHorizontalBlock"] {
    flex-wrap: wrap;}
  [class*="st-key-cards-"] [data-testid="stColumn"] {flex: 1 1 calc(33.3% - 1rem) !important;
    min-width: calc(33.3% - 1rem) !important;}
  .st-key-asked [data-testid="stColumn"] {flex: 1 1 calc(50% - 1rem) !important; min-width: calc(50% - 1rem) !important;}
}
table.hub tr.head td {font-weight: 650; padding-top: .9rem; border-bottom-color: rgba(128,128,128,.35);}
table.hub tr.sum td {font-weight: 650; border-top: 1px solid rgba(128,128,128,.45); border-bottom: 0;}
table.hub td.good {color: var(--hub-good);}
table.hub td.bad {color: var(--hub-bad);}
.hub-part {display: inline-block; margin: 0 .35rem; padding: .1rem .55rem; border-radius: .4rem; font-size: .84rem;
  background: rgba(128,128,128,.14); vertical-align: .25rem;}
.hub-foot {border-top: 1px solid rgba(128,128,128,.25); margin-top: 2rem; padding-top: .75rem;}
</style>
"""
# Behind what stays in place while a table scrolls, and for small drawings: the colours of .streamlit/config.toml.
SURFACE = {"light": "#ffffff", "dark": "#14181f"}
ACCENT = {"light": "#1f5fbf", "dark": "#6ea8ff"}
# Good and bad news, readable on either surface.
GOOD = {"light": "#15803d", "dark": "#4ade80"}
BAD = {"light": "#b42318", "dark": "#fb8a7e"}


def style() -> None:
    """The few rules that Streamlit's theme does not have. Colours follow light and dark by being translucent."""
    theme = st.context.theme.type or "light"
    st.html(
        STYLE.replace(
            "<style>",
            f"<style>:root {{--hub-surface: {SURFACE[theme]}; --hub-accent: {ACCENT[theme]}; "
            f"--hub-good: {GOOD[theme]}; --hub-bad: {BAD[theme]};}}",
        )
    )


def sparkline(values: Sequence[Decimal | int], *, bars: bool, alt: str) -> str:
    """A small drawing of a course, as an image: bars for what happens in a month, a line for what is there at its end."""
    low, high = min(0, *values), max(0, *values)
    span = Decimal(high - low) or Decimal(1)
    step = Decimal(120) / len(values)
    heights = [Decimal(value - low) / span * 34 for value in values]
    if bars:
        drawn = "".join(
            f'<rect x="{n * step + 1:.1f}" y="{36 - height:.1f}" width="{step - 2:.1f}" height="{height:.1f}" rx="1" '
            f'fill="currentColor" opacity="{1 if n == len(values) - 1 else 0.45}"/>'
            for n, height in enumerate(heights)
        )
    else:
        points = " ".join(f"{n * step + step / 2:.1f},{36 - height:.1f}" for n, height in enumerate(heights))
        drawn = (
            f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2" '
            'vector-effect="non-scaling-stroke"/>'
        )
    # As an image of its own: Streamlit lets no SVG elements through, and an image takes its colour along.
    colour = ACCENT[st.context.theme.type or "light"]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 38" preserveAspectRatio="none" color="{colour}">'
        f"{drawn}</svg>"
    )
    encoded = base64.b64encode(svg.encode()).decode()
    return f'<img class="hub-spark" src="data:image/svg+xml;base64,{encoded}" alt="{html.escape(alt)}">'


def notice(title: Text | str, what_to_do: Text | str, *, link: tuple[Text | str, str] | None = None) -> None:
    """Why there is nothing to see, and what to do next.

    Args:
        link: words and address of a button that does it.
    """
    button = ""
    if link:
        button = f'<a class="hub-button" href="{html.escape(link[1])}" target="_self">{html.escape(str(link[0]))}</a>'
    st.html(
        f'<div class="hub-notice"><div class="hub-brand">Pentahub <span class="hub-quiet">{_("Dashboards")}</span></div>'
        f"<h2>{html.escape(str(title))}</h2><p>{html.escape(str(what_to_do))}</p>{button}</div>"
    )


def here(*, without: str = "") -> str:
    """The address of this page with its filters, but for the one called `without`."""
    kept = [(name, value) for name in st.query_params if name != without for value in st.query_params.get_all(name)]
    return (st.context.url or documents.dashboards_url()).split("?")[0] + (f"?{urlencode(kept)}" if kept else "")


def sign_in() -> None:
    """Nobody is signed in: the way to the app's sign-in, and back to this very address."""
    back = here()
    notice(
        _("Sign in to see the figures"),
        _("The dashboards use the sign-in of the Pentahub app. If you were signed in, your session has ended."),
        link=(_("Sign in"), f"{documents.app_url()}/sign-in?next={quote(back, safe='')}"),
    )


def head(visit: Visit, app: str) -> None:
    """Product, viewer, the way to the app, and the way to newer figures where there are some."""
    viewer = html.escape(visit.viewer.name)
    if visit.newer is not None:
        # A link and no button: a page that is loaded anew has nothing of the old figures left beside the new ones.
        words = _("Figures of {at} are there: show them").format(at=display.moment(visit.newer.published_at))
        address = html.escape(here(without=PUBLICATION))
        changed = f"changes?{EARLIER}={visit.shown.id}&{PUBLICATION}={visit.newer.id}"
        st.html(
            f'<div class="hub-newer"><a id="newer" href="{address}" target="_self">{html.escape(words)}</a> · '
            f'<a id="changed" href="{html.escape(changed)}" target="_self">{_("What has changed")}</a></div>'
        )
    st.html(
        f'<div class="hub-head"><span class="hub-brand">Pentahub</span>'
        f'<span class="hub-quiet">{_("Dashboards")}</span>'
        f'<span class="hub-quiet hub-right">{viewer} · <a href="{html.escape(app)}">{_("Open the app")}</a></span></div>'
    )
    if st.query_params.get(PUBLICATION, str(visit.shown.id)) != str(visit.shown.id):
        st.info(str(_("The publication that this address names is withdrawn, or never was. This is the latest.")))


def ways(pages: Sequence[st.Page], chosen: st.Page) -> None:
    """The ways to all pages, in one line; they keep what was chosen on the page before."""
    asked = dict(st.session_state.get("asked", {}))
    if PUBLICATION in st.query_params:
        asked[PUBLICATION] = st.query_params[PUBLICATION]
    with st.container(horizontal=True, key="ways", gap="small"):
        for page in pages:
            here = page is chosen or page.url_path == chosen.url_path
            with st.container(key=f"way-{page.url_path or 'executive'}{'-here' if here else ''}", width="content"):
                st.page_link(page, query_params=asked or None, width="content")


def foot(visit: Visit) -> None:
    """Which publication this is, whether it equals the books, and which instant of the store it shows."""
    certificate = visit.shown.certificate
    certified = certificate.get("verdict") == PASSED
    parts = [
        _("Publication {id}").format(id=visit.shown.id),
        _("published {at}").format(at=display.moment(visit.shown.published_at)),
        str(_("certified: equal to the books") if certified else _("not certified: treat with care")),
    ]
    if taken_at := certificate.get("watermarks", {}).get("lake", {}).get("taken_at"):
        parts.append(_("our own data as of {at}").format(at=display.moment(datetime.fromisoformat(taken_at))))
    parts.append(_("lake snapshot {snapshot}").format(snapshot=visit.shown.lake_snapshot))
    st.html(f'<div class="hub-foot hub-quiet">{" · ".join(map(html.escape, parts))}</div>')
