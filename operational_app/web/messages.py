"""Collects every text that a user may see into the catalogues: `python -m operational_app.web.messages`.

Sources: `_("…")` in Python, the templates, and what is drawn from declarations without being marked: the help of commands
(their docstrings), the descriptions of their fields, the names of roles. A run keeps the translations that are there, adds
what is new without one, and drops what is gone. `missing()` tells what still has none; a test asks it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from pydantic import BaseModel

from operational_app import modules
from operational_app.core import policy
from operational_app.core.command import COMMANDS
from operational_app.core.i18n import LANGUAGES, LOCALE_DIR

APP = Path(__file__).resolve().parent.parent
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true"}}
# What a sentence is filled with, in either style: {number} or %(number)s.
PLACEHOLDER = re.compile(r"\{[a-z_][^{}]*\}|%\(\w+\)s")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def messages() -> dict[str, set[str]]:
    """English message → the files that it comes from."""
    found: dict[str, set[str]] = {}
    for file, _line, message, _comments, _context in extract_from_dir(APP, METHODS, OPTIONS, KEYWORDS):
        for part in message if isinstance(message, tuple) else (message,):
            if part:
                found.setdefault(part, set()).add(f"operational_app/{file}")
    for message, file in declared():
        found.setdefault(message, set()).add(file)
    return found


def declared() -> Iterator[tuple[str, str]]:
    """Texts that pages draw from declarations, with the file that declares them."""
    modules.load()
    for command in COMMANDS.values():
        file = command.function.__module__.replace(".", "/") + ".py"
        yield command.help, file
        for description in descriptions(command.body):
            yield description, file
    for name in policy.roles_from_file().values():
        yield name, "operational_app/core/roles.csv"


def descriptions(body: type[BaseModel] | None) -> Iterator[str]:
    """The descriptions of a body's fields, those of its lines included."""
    if body is not None:
        schema = body.model_json_schema()
        for part in (schema, *schema.get("$defs", {}).values()):
            yield from (p["description"] for p in part.get("properties", {}).values() if p.get("description"))


def catalogue_file(language: str) -> Path:
    return LOCALE_DIR / language / "hub.po"


def read(language: str) -> dict[str, str]:
    """English message → translation, as the file has it; an empty text where it has none."""
    file = catalogue_file(language)
    if not file.exists():
        return {}
    with file.open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale=language) if m.id}


def missing(language: str) -> list[str]:
    """The messages that have no translation in this language."""
    known = read(language)
    return sorted(message for message in messages() if not known.get(message))


def update(language: str) -> None:
    """Write the catalogue of one language anew, in the order of the messages, so that two people's changes merge."""
    known, catalogue = read(language), Catalog(locale=language, project="Pentahub", charset="utf-8")
    for message, files in sorted(messages().items()):
        catalogue.add(message, known.get(message, ""), locations=[(file, None) for file in sorted(files)])
    file = catalogue_file(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        write_po(stream, catalogue, width=110, omit_header=True, include_lineno=False)


def main() -> None:
    for language in LANGUAGES:
        if language != "en":
            update(language)
            untranslated = missing(language)
            print(f"{catalogue_file(language).relative_to(APP)}: {len(untranslated)} without a translation")
            for message in untranslated:
                print(f"  {message}")


if __name__ == "__main__":
    main()
