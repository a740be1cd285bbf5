"""Every text that a user may see: translated into each language, and every column with a label."""

from collections.abc import Iterator

import pytest

from operational_app.core.document import DOCUMENTS
from operational_app.core.i18n import LANGUAGES, catalogue
from operational_app.core.labels import LABELS
from operational_app.web import forms, messages

TRANSLATED = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(scope="module")
def texts() -> dict[str, set[str]]:
    return messages.messages()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str, texts: dict[str, set[str]]) -> None:
    known = catalogue(language)
    lacking = {text: sorted(files) for text, files in texts.items() if text not in known}
    assert lacking == {}, "write them into the catalogue: python -m operational_app.web.messages"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_fills_in_the_same_values(language: str) -> None:
    """A placeholder that is lost or misspelt would break the sentence exactly when it is needed."""
    wrong = {text: shown for text, shown in catalogue(language).items() if holes(text) != holes(shown)}
    assert wrong == {}


def holes(text: str) -> set[str]:
    return set(messages.PLACEHOLDER.findall(text))


def test_the_collection_finds_what_it_looks_for(texts: dict[str, set[str]]) -> None:
    assert texts["Sign in"] == {"operational_app/web/templates/sign_in.html"}
    assert (
        "Promise the goods: take up the customer's credit and reserve stock for every line that can be met whole."
        in texts
    )
    assert any("core/errors.py" in file for file in texts["Not permitted"])
    assert holes("{a:.0f} of %(b)s") == {"{a:.0f}", "%(b)s"}


def names() -> Iterator[str]:
    """Every column and every field that a page may show."""
    from operational_app.core.command import COMMANDS

    for document in DOCUMENTS.values():
        yield from document.fields()
        for lines in document.lines:
            yield lines.name
            yield from (attribute.key for attribute in lines.model.__mapper__.column_attrs)
    for command in COMMANDS.values():
        for field in forms.fields_of(command.body):
            yield field.name
            yield from (inner.name for inner in field.fields)


def test_every_column_has_a_label(texts: dict[str, set[str]]) -> None:
    assert sorted(set(names()) - set(LABELS)) == []
