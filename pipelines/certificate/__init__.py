"""The certificate: the warehouse about to be published equals its sources and the books, document by document.

Three steps, each at instants that no longer change: the raw layer the marts were built from against the store as it
stood at the watermark (`store_tables`, `store_side`) and against the load records of outside sources (`source_tables`);
the marts against that raw layer (`documents`); the books within the marts (`books`). It says nothing about the live
layer that came in after the build; the publication shows it beside the marts, and no mart is built from it.

`certify` makes the record and stores it. It changes nothing else, and may run while clerks work and the stream writes.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from gettext import gettext as _
from typing import Any

import duckdb

from pipelines import build_record, lake, publication, quality
from pipelines.certificate import books, documents, source_tables, store_tables
from pipelines.certificate.check import Check
from pipelines.sync import store, watermark

Progress = Callable[[int, int, str], None]
NAMED = 8  # failed checks in a message; the certificate holds all
ROLE = "hub_lake_confidential"


class CertificateFailed(lake.LakeError):
    """The warehouse is not what its sources and the books say."""


class NothingToCertify(lake.LakeError):
    """There is no build that could be certified."""


def certify(by: str = "operator", progress: Progress | None = None) -> dict[str, Any]:
    """Compare the newest state of the warehouse with its sources and books; gives the certificate, which is stored too.

    Args:
        by: who asks.
        progress: called with (checks done, 0, name of the check).

    Raises:
        NothingToCertify: nothing was built yet.
        LakeBusy: a build runs and does not end.
    """
    begun = time.monotonic()
    with lake.lock("build"), lake.connect(confidential=True) as head:
        # No build runs now, so what is newest holds whole builds only; the snapshots stay what they are from here on.
        build = build_record.last(head)
        if build is None:
            raise NothingToCertify(_("Nothing has been built yet: run hub sync and hub build first."))
        gate = quality.gate(at=build.raw_snapshot, head=head)
        lake_snapshot, confidential_snapshot = lake.current_snapshot(head), lake.current_snapshot(head, "confidential")
    checks = []
    with _opened(lake_snapshot, build.raw_snapshot, confidential_snapshot) as con:
        for check in _checks(con, build, gate):
            checks.append(check)
            if progress:
                progress(len(checks), 0, check.name)
        marks = {name: watermark.read(con, alias) for name, alias in CATALOGS.items()}
        loads = con.execute(
            "SELECT source, max(load_id) FROM pinned.meta.load WHERE watermark IS NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    passed = all(check.passed for check in checks)
    record: dict[str, Any] = {
        "made_at": datetime.now(UTC).isoformat(),
        "made_by": by,
        "seconds": f"{Decimal(time.monotonic() - begun):.3f}",
        "build_id": build.build_id,
        "lake_snapshot": lake_snapshot,
        "raw_snapshot": build.raw_snapshot,
        "confidential_snapshot": confidential_snapshot,
        "watermarks": {
            name: {"snapshot": m.snapshot, "taken_at": m.taken_at, "system_identifier": m.system_identifier,
                   "load_id": m.load_id}
            for name, m in marks.items() if m
        },
        "loads": dict(loads),
        "checks": [check.record() for check in checks],
        "verdict": publication.PASSED if passed else publication.FAILED,
    }  # fmt: skip
    record["sha256"] = publication.seal(record)
    publication.keep(record)
    return record


CATALOGS = {"lake": "pinned", "confidential": "confidential"}


def _checks(con: duckdb.DuckDBPyConnection, build: build_record.Build, gate: quality.Report) -> Iterator[Check]:
    yield _build_check(build)
    yield Check(
        "quality", {"load_id": gate.load_id, "tables": gate.tables, "expectations": gate.expectations}, gate.failures
    )
    # Whether marts belong together is known only of a build that ended; figures of half a build would only confuse.
    if build.state == "succeeded":
        yield from store_tables.checks(con, CATALOGS)
        yield from source_tables.checks(con, CATALOGS)
        yield from documents.checks(con)
        yield from books.checks(con)


def _build_check(build: build_record.Build) -> Check:
    figures = {
        "build_id": build.build_id, "models": build.models, "tests_passed": build.tests_passed,
        "tests_warned": build.tests_warned, "raw_snapshot": build.raw_snapshot,
    }  # fmt: skip
    wrong = []
    if build.state == "begun":
        wrong = [_("build {id} was cut off: run hub build again").format(id=build.build_id)]
    elif build.state == "failed":
        wrong = [_("build {id} failed: {why}").format(id=build.build_id, why=build.message)]
    elif build.selection is not None:
        wrong = [
            _("build {id} covered {part} only: run hub build for all").format(id=build.build_id, part=build.selection)
        ]
    return Check("build", figures, wrong)


def require(record: dict[str, Any]) -> dict[str, Any]:
    """The certificate itself, if it passed.

    Raises:
        CertificateFailed: naming the checks that do not hold.
    """
    failed = failures(record)
    if failed:
        raise CertificateFailed(
            _("The certificate failed, so nothing is published. {failures}").format(failures=" | ".join(failed[:NAMED]))
        )
    return record


@contextmanager
def _opened(lake_snapshot: int, raw_snapshot: int, confidential_snapshot: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Marts as `lake`, the raw layer as `pinned`, the encrypted lake and the store, read-only, in one transaction."""
    with lake.connect(at=lake_snapshot, confidential=True, confidential_at=confidential_snapshot) as con:
        lake.attach(con, "lake", role=ROLE, alias="pinned", at=raw_snapshot)
        store.attach(con)
        con.execute("BEGIN")
        yield con
        con.execute("ROLLBACK")


def failures(record: dict[str, Any]) -> list[str]:
    """A sentence for each check of a certificate that does not hold."""
    return [f"{check['check']}: {'; '.join(check['differences'])}" for check in record["checks"] if not check["passed"]]
