"""`hub verify`: the standing truths, a line each; the first facts that break one, with their documents."""

from collections.abc import Callable
from typing import Any

import click

from operational_app.cli.output import cell, note
from operational_app.core.i18n import _

# What is verified → the module whose `checks` hold it; None for what has a verification of its own.
PARTS: dict[str, str | None] = {"ledger": "finance", "stock": "erp", "audit": None, "files": None, "lake": None}
MOST_FACTS = 20

# The truths of a part as (sentence, facts that break it), one after another.
Findings = list[tuple[str, list[str]]]


@click.command(epilog="Example: hub verify all")
@click.argument("part", type=click.Choice([*PARTS, "all"]), default="all")
@click.option(
    "--known-hash", metavar="HASH", help="A last hash that was printed earlier: the audit trail must hold it."
)
@click.pass_context
def verify(context: click.Context, part: str, known_hash: str | None = None) -> None:
    """Verify that the standing truths hold; exit code 1 names the first facts that break one.

    The audit trail's last hash is worth keeping outside the hub: with --known-hash even a trail that was forged as a
    whole, by somebody who owns the database, is told.
    """
    from operational_app import modules

    modules.load()
    broken = 0
    for name in PARTS if part == "all" else (part,):
        findings = VERIFY[name]()
        if name == "audit" and known_hash:
            findings += _known(known_hash)
        for sentence, facts in findings:
            click.echo(f"{'ok    ' if not facts else 'BROKEN'}  {name}: {sentence}")
            for fact in facts:
                click.echo(f"        {fact}")
            broken += bool(facts)
    if broken:
        note(_("hub: {count} truths are broken.").format(count=broken))
        context.exit(1)


def _truths(checks: dict[str, str]) -> Findings:
    from operational_app.checks import facts_against

    found = facts_against(checks, MOST_FACTS)
    return [(sentence, [_fact(row) for row in found.get(sentence, [])]) for sentence in checks]


def _fact(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {cell(value)}" for name, value in row.items())


def _ledger() -> Findings:
    from operational_app.checks import all_checks, facts_against, within_company

    strayed = facts_against(within_company(), 1)
    facts = [f"{sentence}: {_fact(row)}" for sentence, rows in strayed.items() for row in rows]
    return [*_truths(all_checks("finance")), (str(_("every row refers to rows of its own company")), facts)]


def _stock() -> Findings:
    from operational_app.checks import all_checks

    return _truths(all_checks("erp"))


def _audit() -> Findings:
    from operational_app.core import audit

    # Sealing first hides nothing: what was sealed before is compared with its own seal, and a row that was slipped in
    # among older ones is not in the new batch.
    sealed = audit.seal()
    chain = audit.verify_chain()
    if chain.faults:
        return [(str(_("the change log is as it was sealed")), chain.faults)]
    sentence = _("the change log is as it was sealed: {rows} rows in {seals} seals ({new} new), last hash {hash}")
    return [(sentence.format(rows=chain.rows, seals=chain.seals, new=sealed, hash=chain.last_hash or "-"), [])]


def _known(known_hash: str) -> Findings:
    from operational_app.core import audit

    gone = str(_("no seal has it: the trail was forged as a whole, or an older backup was restored"))
    sentence = str(_("the audit trail goes on from the hash {hash}")).format(hash=known_hash)
    return [(sentence, [] if audit.has_seal(known_hash) else [gone])]


def _files() -> Findings:
    from itertools import islice

    from operational_app.core import stored_files

    return [
        (
            str(_("every attached file is there, and is what was attached")),
            list(islice(stored_files.faults(), MOST_FACTS)),
        )
    ]


def _lake() -> Findings:
    from pipelines.sync.verify import compare

    return [(_("the raw layer equals the store"), [str(difference) for difference in compare()])]


VERIFY: dict[str, Callable[[], Findings]] = {
    "ledger": _ledger,
    "stock": _stock,
    "audit": _audit,
    "files": _files,
    "lake": _lake,
}
