"""Languages of the dashboards: English in the source, translated when it is shown.

The same way as the clerks' app takes (`_("…")`, `.po` files read as they are), in a module of our own because dashboards
never import the app. Each run of a page is in the language of the user who looks at it.
"""

from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh_Hans")
LOCALE_DIR = Path(__file__).resolve().parent / "locale"
CATALOGUE = "dashboards.po"

_language: ContextVar[str] = ContextVar("dashboard_language", default="en")


class Text(str):
    """A message. Compares as its English source; `str()` and formatting give the translation of the running page."""

    __slots__ = ()

    def __str__(self) -> str:
        return translate(str.__str__(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def format(self, *args: Any, **values: Any) -> str:
        return str(self).format(*args, **values)


def _(message: str) -> Text:
    """Mark `message` for translation; a module constant is translated when it is shown, not when it is made."""
    return Text(message)


@cache
def catalogue(language: str) -> dict[str, str]:
    """English message → its translation. Empty for English, which is the source."""
    file = LOCALE_DIR / language / CATALOGUE
    if not file.exists():
        return {}
    from babel.messages.pofile import read_po

    with file.open("rb") as stream:
        messages = read_po(stream)
    return {m.id: m.string for m in messages if isinstance(m.id, str) and m.id and m.string and not m.fuzzy}


def translate(message: str) -> str:
    return catalogue(_language.get()).get(message, message)


def current() -> str:
    """Language of the running page: en or zh_Hans, which are also names of locales."""
    return _language.get()


def use(language: str) -> None:
    """From here on this run of the page speaks this language; English where it is none of ours."""
    _language.set(language if language in LANGUAGES else "en")


def offered(wanted: str) -> str:
    """The language of ours that comes closest to a browser's wish, such as `zh-CN`."""
    return "zh_Hans" if wanted.lower().startswith("zh") else "en"
