"""Suites of outside sources that nobody wrote: from what their tables were agreed to be, and from their options.

A source with a file of its own in `suites/` is known by that file; what its options expect comes on top of it.
"""

from collections.abc import Iterator
from dataclasses import replace

from pipelines import source_state, sources
from pipelines.quality.suites import Rule, Suite, declared, rules_of


def suites() -> tuple[Suite, ...]:
    """What is declared, and what follows for the tables of every registered source."""
    extra = {suite.name: suite for suite in _generated()}
    known = [
        replace(suite, rules=(*suite.rules, *extra.pop(suite.name).rules[1:])) if suite.name in extra else suite
        for suite in declared()
    ]
    return (*known, *extra.values())


def _generated() -> Iterator[Suite]:
    with_file = {suite.source for suite in declared()}
    for entry in sources.registered():
        source = entry.source
        for table, remembered in sorted(source_state.read(source.name).items()):
            options = source.table_options(table)
            said = list(rules_of(f"raw_{source.name}.{table}", options.expect))
            key = tuple(remembered.key)
            # Without a key nobody could name a broken row, and a confidential column is not in the public table.
            hidden = options.confidential | (set(remembered.contract) if options.all_confidential else set())
            rules = [rule for rule in said if not hidden & set(rule.columns)]
            if key and not hidden & set(key) and (source.name not in with_file or rules):
                yield Suite("lake", f"raw_{source.name}", table, key, 0, (Rule("key", key), *rules))
