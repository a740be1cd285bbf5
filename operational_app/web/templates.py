"""Jinja, set up once: translations of the running request, automatic escaping, and what every page is given."""

import os
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from operational_app.core.i18n import LANGUAGES, Text, _, current_language, translate
from operational_app.core.labels import label
from operational_app.web import assets, display, forms, navigation, tables
from operational_app.web.visitor import Visitor

FOLDER = Path(__file__).resolve().parent / "templates"

# What the scripts say, in the language of the page; they find it in a data block of the page.
WORDS: dict[str, Text] = {
    "unreachable": _("The server cannot be reached. What you typed is kept on this machine; try again."),
    "retry": _("Try again"),
    "restored": _("What you had typed here before is back."),
    "discard": _("Start afresh"),
    "nothing": _("Nothing found"),
    "remove": _("Remove line"),
    "loading": _("Searching …"),
    "failed": _("This went wrong. What you typed is kept; try again."),
    "lines_pasted": _("Lines pasted"),
}


def ngettext(one: str, many: str, number: int) -> str:
    return translate(one if number == 1 else many)


def query_string(*parameters: Mapping[str, Any], **more: Any) -> str:
    """What stands after the "?" of an address; empty values are left out."""
    values = {name: value for part in (*parameters, more) for name, value in part.items()}
    return urlencode({name: value for name, value in values.items() if value not in ("", None)})


def qr(content: str) -> Markup:
    """A QR code of the text as a picture in the page: no styles and no address, which the security policy would refuse."""
    import segno

    picture = segno.make(content, error="m")
    return Markup(picture.svg_inline(scale=5, border=4, dark="#000", light="#fff", title=str(_("QR code"))))


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(translate, ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals |= {
        "asset": assets.address,
        "label": label,
        "languages": LANGUAGES,
        "page_of": tables.page_of,
        "list_address": tables.list_address,
        "show": display.show,
        "moment": display.moment,
        "filesize": display.filesize,
        "tone": display.tone,
        "tr": translate,
        "priced": forms.is_priced,
        "new_key": lambda: secrets.token_urlsafe(16),
        "query_string": query_string,
        "qr": qr,
    }
    return env


# Who looks after the pipelines; Dagster has no sign-in of its own and is of no use to anybody else.
PIPELINE_ROLES = {"engineer", "administrator"}


def elsewhere(visitor: Visitor) -> list[tuple[str, str]]:
    """The other programs of the hub that run beside the app, as (title, address); `hub serve` says where they are."""
    found = [(str(_("Dashboards")), os.environ.get("HUB_DASHBOARDS_URL", ""))]
    if PIPELINE_ROLES & set(visitor.principal.roles):
        found.append(("Dagster", os.environ.get("HUB_DAGSTER_URL", "")))
    return [(title, address) for title, address in found if address]


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a page in the language of the request."""
    visitor: Visitor | None = request.state.visitor
    language = current_language()
    content = (
        environment()
        .get_template(template)
        .render(
            visitor=visitor,
            navigation=navigation.navigation(visitor) if visitor else [],
            elsewhere=elsewhere(visitor) if visitor else [],
            language=language,
            html_language={"zh_Hans": "zh-Hans"}.get(language, language),
            path=request.url.path,
            here=request.url.path + ("?" + request.url.query if request.url.query else ""),
            scheme=request.cookies.get("hub_scheme") if request.cookies.get("hub_scheme") in ("light", "dark") else "",
            words={name: str(text) for name, text in WORDS.items()},
            **values,
        )
    )
    return HTMLResponse(content, status)
