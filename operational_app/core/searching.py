"""The search through every kind of document.

There are about a hundred kinds, and a word stands in few of them. So it goes in two steps. The first asks in one statement in
which kinds the word is at all. It asks for nobody in particular, so its text is the same for all who may read the same
kinds: it is made once in a process and then sent as it is. The second reads the few kinds that are left, with the rights of
whoever asks: what they may not read is as little found as what is not there.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, bindparam, exists, false, or_, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from operational_app.core import list_indexes, reading
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.policy import Principal

# Words that the first step asks for, the longest of them; the second asks for all.
MOST_ASKED_FIRST = 3
# Texts of the first step kept in a process: roles in use, times few numbers of words.
MOST_TEXTS = 128


def everywhere(session: Session, principal: Principal, words: str, most: int) -> list[tuple[Document, list[Any]]]:
    """The documents that have all these words in them, at most so many of each kind; a whole number finds its document only.

    Args:
        session: one that shows only what the user may read.
    """
    if not words:
        return []
    kinds = [d for d in DOCUMENTS.values() if d.search and principal.may_read(d.name)]
    query = reading.Query(text=words)
    for document in kinds:
        statement = reading.by_whole_number(document, reading.visible(principal, document), query)
        if statement is not None and (rows := list(session.scalars(statement.limit(most)))):
            return [(document, rows)]
    found = (
        (document, reading.lookup(session, principal, document, words, None, most))
        for document in kinds_with(session, kinds, reading.words_of(words))
    )
    return [(document, rows) for document, rows in found if rows]


def kinds_with(session: Session, kinds: Sequence[Document], words: Sequence[str]) -> list[Document]:
    """Those kinds in which a row has these words, whoever may read it."""
    if not kinds:
        return []
    asked = sorted(words, key=len, reverse=True)[:MOST_ASKED_FIRST]
    statement, fixed = _statement(tuple(d.name for d in kinds), tuple(list_indexes.has_pieces(word) for word in asked))
    values = fixed | {f"word{at}": word for at, word in enumerate(asked)}
    values |= {f"pattern{at}": reading.pattern_of(word) for at, word in enumerate(asked)}
    there = session.connection().exec_driver_sql(statement, values).one()
    return [document for document, is_there in zip(kinds, there, strict=True) if is_there]


@lru_cache(MOST_TEXTS)
def _statement(names: tuple[str, ...], with_pieces: tuple[bool, ...]) -> tuple[str, dict[str, Any]]:
    """SQL that tells for each kind whether a row has the words `word0`, `word1` and so on, of which some have pieces; and the
    values of its other parameters."""
    asked = []
    for name in names:
        document = DOCUMENTS[name]
        one = select(text("1")).select_from(document.model)
        grams = list_indexes.grams_of(document)
        for at, has_pieces in enumerate(with_pieces):
            if grams is not None and has_pieces:
                one = one.where(grams.contains(list_indexes.pieces(bindparam(f"word{at}", type_=Text, required=False))))
            pattern = bindparam(f"pattern{at}", type_=Text, required=False)
            one = one.where(
                or_(false(), *(getattr(document.model, column).ilike(pattern) for column in document.search))
            )
        asked.append(exists(one).label(name))
    compiled = select(*asked).compile(dialect=postgresql.psycopg.dialect(), compile_kwargs={"render_postcompile": True})
    return str(compiled), {name: value for name, value in compiled.params.items() if value is not None}
