"""Languages. Every text a user sees is a gettext message, English in the source, translated when it is shown.

`_("…")` marks a message and returns a `Text`, which translates itself each time it becomes a string, in the language of
the running request. Titles of documents and commands can therefore be module constants. Catalogues are `.po` files in
`operational_app/locale/<language>/hub.po`, read as they are: there is no compiled copy to forget.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = {"en": "English", "zh_Hans": "简体中文"}
LOCALE_DIR = Path(__file__).resolve().parent.parent / "locale"

_language: ContextVar[str] = ContextVar("language", default="en")


class Text(str):
    """A gettext message. Compares and hashes as its English source; `str()` and formatting give the translation."""

    __slots__ = ()

    def __str__(self) -> str:
        return translate(str.__str__(self))

    def __html__(self) -> str:
        from markupsafe import escape

        return escape(str(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def format(self, *args: Any, **values: Any) -> str:
        return str(self).format(*args, **values)


def _(message: str) -> Text:
    """Mark `message` for translation."""
    return Text(message)


@cache
def catalogue(language: str) -> dict[str, str]:
    """English message → its translation, for one language; empty for English."""
    file = LOCALE_DIR / language / "hub.po"
    if not file.exists():
        return {}
    from babel.messages.pofile import read_po

    with file.open("rb") as stream:
        messages = read_po(stream)
    return {m.id: m.string for m in messages if m.id and isinstance(m.id, str) and m.string and not m.fuzzy}


def translate(message: str) -> str:
    return catalogue(_language.get()).get(message, message)


def current_language() -> str:
    return _language.get()


@contextmanager
def language(code: str) -> Iterator[None]:
    """Show texts in this language within the block; an unknown code means English."""
    token = _language.set(code if code in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(token)
