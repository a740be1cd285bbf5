"""Publications: one row names the snapshot of the lake that readers see, and carries the certificate that it rests on.

What belongs here: the rows of `hub_meta.publication` and `hub_meta.certificate`, and which snapshots may expire. How a
certificate comes about stands in `pipelines/certificate`.

Readers look at the newest row that is not withdrawn. A row is never changed but for its withdrawal and never deleted
(the database refuses both), so that what was published on any day can be read again.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from gettext import gettext as _
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pipelines import lake

PASSED, FAILED = "passed", "failed"  # verdicts of a certificate
COLUMNS = "id, lake_snapshot, confidential_snapshot, published_at, published_by, certificate, withdrawn_at"


class PublicationError(lake.LakeError):
    """This cannot be published, found or withdrawn; the message says why and what to do."""


@dataclass(frozen=True)
class Publication:
    """A published state of the warehouse.

    Attributes:
        lake_snapshot, confidential_snapshot: what readers attach; the second is None where nothing confidential was.
        certificate: what was compared with the books before it was published.
        withdrawn_at: since when readers skip it; None where they do not.
    """

    id: int
    lake_snapshot: int
    confidential_snapshot: int | None
    published_at: datetime
    published_by: str | None
    certificate: dict[str, Any]
    withdrawn_at: datetime | None


def seal(record: dict[str, Any]) -> str:
    """SHA-256 over the content of a certificate, without its own seal; the same however the JSON was stored."""
    content = {key: value for key, value in record.items() if key != "sha256"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def keep(record: dict[str, Any]) -> None:
    """Store a certificate, one that failed too."""
    with lake.catalog() as db:
        db.execute(
            "INSERT INTO hub_meta.certificate (made_at, made_by, lake_snapshot, passed, record) "
            "VALUES (%s, %s, %s, %s, %s)",
            (record["made_at"], record["made_by"], record["lake_snapshot"], record["verdict"] == PASSED, Jsonb(record)),
        )


def newest_certificate() -> dict[str, Any] | None:
    """The certificate made last, whether it passed or not."""
    with lake.catalog() as db:
        row = db.execute("SELECT record FROM hub_meta.certificate ORDER BY id DESC LIMIT 1").fetchone()
    return row[0] if row else None


def publish(certificate: dict[str, Any], by: str = "operator") -> int:
    """Make the certified snapshot the one that readers see, and give the publication's id.

    To publish what is published already changes nothing and gives the same id, so that a publication cut off after its
    commit can be tried again.

    Args:
        certificate: as made by pipelines.certificate, whole and unchanged.
        by: who publishes.

    Raises:
        PublicationError: it failed, was changed, or readers already see a later state.
        LakeBusy: another publication is being made.
    """
    _refuse_what_may_not_be_published(certificate)
    with lake.lock("publish"), lake.catalog() as db:
        newest = _newest(db)
        if newest and newest.certificate.get("sha256") == certificate["sha256"]:
            return newest.id
        if newest and newest.lake_snapshot > certificate["lake_snapshot"]:
            raise PublicationError(
                _("Publication {id} shows a later state (snapshot {newer}) than this certificate ({older}): certify "
                  "again with hub certify, or go back with hub rollback.").format(
                    id=newest.id, newer=newest.lake_snapshot, older=certificate["lake_snapshot"])
            )  # fmt: skip
        return db.execute(
            "INSERT INTO hub_meta.publication (lake_snapshot, confidential_snapshot, published_by, certificate) "
            "VALUES (%s, %s, %s, %s) RETURNING id",
            (certificate["lake_snapshot"], certificate["confidential_snapshot"], by, Jsonb(certificate)),
        ).fetchone()[0]


def _refuse_what_may_not_be_published(certificate: dict[str, Any]) -> None:
    if certificate.get("sha256") != seal(certificate):
        raise PublicationError(_("This certificate was changed after it was made: make a new one with hub certify."))
    if certificate.get("verdict") != PASSED:
        raise PublicationError(_("The certificate failed, so nothing is published. hub certify says what differs."))
    for name, at in (("lake", "lake_snapshot"), ("confidential", "confidential_snapshot")):
        if certificate[at] is not None and not _snapshot_exists(name, certificate[at]):
            raise PublicationError(
                _("Snapshot {at} of {lake} does not exist any more: build and certify again.").format(
                    at=certificate[at], lake=name
                )
            )


def _snapshot_exists(kind: str, snapshot: int) -> bool:
    with lake.catalog(kind=kind) as db:
        row = db.execute("SELECT 1 FROM ducklake_snapshot WHERE snapshot_id = %s", (snapshot,)).fetchone()
    return row is not None


def latest(role: str = "hub_lake_reader") -> Publication | None:
    """What readers see now; None before the first publication.

    Args:
        role: the role of the lake that asks.
    """
    with lake.catalog(role) as db:
        return _newest(db)


def current(role: str = "hub_lake_reader") -> Publication:
    """What readers see now.

    Raises:
        PublicationError: nothing is published yet.
    """
    found = latest(role)
    if found is None:
        raise PublicationError(_("Nothing is published yet: hub sync, hub build and hub publish bring the first one."))
    return found


def get(publication_id: int, role: str = "hub_lake_reader") -> Publication:
    """A publication by its id, a withdrawn one too.

    Raises:
        PublicationError: there is none.
    """
    with lake.catalog(role) as db:
        found = _rows(db, "WHERE id = %s", (publication_id,))
    if not found:
        raise PublicationError(
            _("There is no publication {id}: hub publications lists them.").format(id=publication_id)
        )
    return found[0]


def every(role: str = "hub_lake_reader") -> list[Publication]:
    """All publications, the newest first."""
    with lake.catalog(role) as db:
        return _rows(db, "ORDER BY id DESC")


def rollback(publication_id: int) -> list[int]:
    """Withdraw all publications after this one, so that readers see it again; gives the ids that were withdrawn.

    Raises:
        PublicationError: there is no such publication, or it was withdrawn itself.
    """
    with lake.lock("publish"), lake.catalog() as db:
        target = get(publication_id, "hub_lake")
        if target.withdrawn_at is not None:
            raise PublicationError(
                _("Publication {id} was withdrawn itself at {at:%Y-%m-%d %H:%M:%S}: choose one that was not, or build "
                  "and publish again.").format(id=publication_id, at=target.withdrawn_at)
            )  # fmt: skip
        rows = db.execute(
            "UPDATE hub_meta.publication SET withdrawn_at = now() WHERE id > %s AND withdrawn_at IS NULL RETURNING id",
            (publication_id,),
        ).fetchall()
    return sorted(row[0] for row in rows)


def expirable(older_than: timedelta = timedelta(days=7), kind: str = "lake") -> list[int]:
    """Snapshots of a lake that nothing needs: not published ever, not the newest, and older than that."""
    with lake.catalog(kind=kind) as db:
        rows = db.execute(
            "SELECT snapshot_id FROM ducklake_snapshot WHERE snapshot_time < %s "
            "AND snapshot_id < (SELECT max(snapshot_id) FROM ducklake_snapshot) ORDER BY 1",
            (datetime.now(UTC) - older_than,),
        ).fetchall()
    needed = _needed(kind)
    return [row[0] for row in rows if row[0] not in needed]


def expire(snapshots: Iterable[int], kind: str = "lake") -> int:
    """Let these snapshots of a lake go; their files may be removed afterwards. Gives how many there were.

    Builds and publications are kept out meanwhile: a build reads `raw` at a snapshot that no publication names yet.

    Raises:
        PublicationError: one of them is published, certified last, or the newest; then none of them goes.
    """
    chosen = sorted(set(snapshots))
    if not chosen:
        return 0
    with (
        lake.lock("build"),
        lake.lock("publish"),
        lake.connect(writer=True, confidential=kind == "confidential") as con,
    ):
        needed = (_needed(kind) | {lake.current_snapshot(con, kind)}) & set(chosen)
        if needed:
            raise PublicationError(
                _("Snapshots {needed} are published or in use and stay; nothing has expired.").format(
                    needed=", ".join(map(str, sorted(needed)))
                )
            )
        listed = ", ".join(map(str, chosen))
        gone = con.execute(f"CALL ducklake_expire_snapshots('{kind}', versions => [{listed}])").fetchall()
    return len(gone)


def _needed(kind: str) -> set[int]:
    """Snapshots that a publication or the newest certificate names, also as the instant of `raw` it was built from."""
    names = ("lake_snapshot", "raw_snapshot") if kind == "lake" else ("confidential_snapshot",)
    records = [publication.certificate for publication in every("hub_lake")]
    if (newest := newest_certificate()) is not None:
        records.append(newest)
    return {int(record[name]) for record in records for name in names if record.get(name) is not None}


def _newest(db: psycopg.Connection) -> Publication | None:
    found = _rows(db, "WHERE withdrawn_at IS NULL ORDER BY id DESC LIMIT 1")
    return found[0] if found else None


def _rows(db: psycopg.Connection, rest: str, values: tuple[Any, ...] = ()) -> list[Publication]:
    with db.cursor(row_factory=class_row(Publication)) as cursor:
        return cursor.execute(f"SELECT {COLUMNS} FROM hub_meta.publication {rest}", values).fetchall()
