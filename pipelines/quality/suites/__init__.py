"""What is expected of each raw table, declared as data: one file per source, one entry per table.

Words of an entry; every rule is an error unless it stands under `warn`:

- `key`: columns that are never empty and together unique
- `not_null`: columns that are never empty
- `not_negative`, `positive`, `not_zero`: amounts and quantities
- `between: {column: [least, most]}`, `allowed: {column: [values]}`
- `currency`: columns that hold a code of raw_core.currency
- `at_least`: fewest rows; whatever it says, the number of rows must be the one that the load recorded
- `warn`: the same words, for what is worth knowing and stops nothing

A table of the encrypted lake bears its name in front.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ERROR, WARN = "error", "warn"
LISTS = ("not_null", "not_negative", "positive", "not_zero", "currency")
MAPS = ("between", "allowed")


@dataclass(frozen=True)
class Rule:
    """One expectation: the word it was declared with, its columns, and what the word needs beside them."""

    word: str
    columns: tuple[str, ...]
    severity: str = ERROR
    argument: Any = None


@dataclass(frozen=True)
class Suite:
    """What is expected of one table.

    Attributes:
        catalog: `lake` or `confidential`.
        key: columns by which a broken row is named.
    """

    catalog: str
    schema: str
    table: str
    key: tuple[str, ...]
    at_least: int = 0
    rules: tuple[Rule, ...] = field(default=())

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}" if self.catalog == "lake" else f"{self.catalog}.{self.schema}.{self.table}"

    @property
    def source(self) -> str:
        return self.schema.removeprefix("raw_")

    def columns(self) -> list[str]:
        """The columns that the rules read; no others are fetched."""
        return list(dict.fromkeys([*self.key, *(column for rule in self.rules for column in rule.columns)]))


@lru_cache(maxsize=1)
def declared() -> tuple[Suite, ...]:
    """All suites, by file and in its order.

    Raises:
        ValueError: an entry uses a word that does not exist.
    """
    return tuple(
        _suite(name, entry)
        for file in sorted(Path(__file__).parent.glob("*.yml"))
        for name, entry in yaml.safe_load(file.read_text(encoding="utf-8")).items()
    )


def fingerprint(suites: Sequence[Suite]) -> str:
    """Names what is asked, so that an answer to other suites is not taken for one to these."""
    return hashlib.sha256(repr(suites).encode()).hexdigest()[:32]


def _suite(name: str, entry: dict[str, Any]) -> Suite:
    *catalog, schema, table = name.split(".")
    words = dict(entry)
    key = tuple(words.pop("key"))
    at_least, warn = words.pop("at_least", 0), words.pop("warn", {})
    rules = [Rule("key", key), *rules_of(name, words), *rules_of(name, warn, WARN)]
    return Suite(catalog[0] if catalog else "lake", schema, table, key, at_least, tuple(rules))


def rules_of(name: str, words: Mapping[str, Any], severity: str = ERROR) -> Iterator[Rule]:
    """The rules that the words of an entry make.

    Raises:
        ValueError: a word that does not exist.
    """
    for word, value in words.items():
        if word in LISTS:
            yield from (Rule(word, (column,), severity) for column in value)
        elif word in MAPS:
            yield from (Rule(word, (column,), severity, argument) for column, argument in value.items())
        else:
            raise ValueError(f"{name}: {word} is no word of a suite")
