"""Publications: what may be published, what readers then see, going back, and what may expire."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from pipelines import lake, publication
from pipelines.publication import PublicationError

pytestmark = pytest.mark.usefixtures("warehouse")


def write(amount: int) -> int:
    """A new state of the lake, and its snapshot."""
    with lake.connect(writer=True) as con:
        con.execute("CREATE TABLE IF NOT EXISTS lake.marts.figure (amount DECIMAL(18,2))")
        con.execute("DELETE FROM lake.marts.figure")
        con.execute("INSERT INTO lake.marts.figure VALUES (?)", [amount])
        return lake.current_snapshot(con)


def certificate(snapshot: int, verdict: str = "passed", **more: Any) -> dict[str, Any]:
    record = {
        "made_at": "2026-11-24T08:00:00+00:00", "made_by": "test", "lake_snapshot": snapshot, "raw_snapshot": snapshot,
        "confidential_snapshot": None, "verdict": verdict, "checks": [], **more,
    }  # fmt: skip
    return record | {"sha256": publication.seal(record)}


def seen() -> int:
    with lake.connect(at=publication.current().lake_snapshot) as con:
        return int(con.execute("SELECT sum(amount) FROM marts.figure").fetchone()[0])


def test_readers_see_the_latest_publication_and_nothing_that_came_after_it() -> None:
    assert publication.latest() is None
    with pytest.raises(PublicationError, match="Nothing is published yet"):
        publication.current()
    first = publication.publish(certificate(write(1)), by="anna")
    write(2)
    assert seen() == 1
    second = publication.publish(certificate(write(3)))
    assert seen() == 3
    assert [p.id for p in publication.every()] == [second, first]
    assert publication.get(first).published_by == "anna"


def test_a_failed_or_altered_certificate_publishes_nothing() -> None:
    snapshot = write(1)
    with pytest.raises(PublicationError, match="The certificate failed"):
        publication.publish(certificate(snapshot, "failed"))
    with pytest.raises(PublicationError, match="was changed after it was made"):
        publication.publish(certificate(snapshot, "failed") | {"verdict": "passed"})
    with pytest.raises(PublicationError, match="Snapshot 999999 of lake does not exist"):
        publication.publish(certificate(999999))
    assert publication.every() == []


def test_publishing_the_same_certificate_again_changes_nothing() -> None:
    record = certificate(write(1))
    assert publication.publish(record) == publication.publish(record)
    assert len(publication.every()) == 1


def test_an_older_certificate_cannot_replace_a_newer_publication() -> None:
    older, newer = certificate(write(1)), certificate(write(2))
    publication.publish(newer)
    with pytest.raises(PublicationError, match="shows a later state"):
        publication.publish(older)
    assert seen() == 2


def test_going_back_withdraws_what_came_later_and_deletes_nothing() -> None:
    first, second, third = (publication.publish(certificate(write(n))) for n in (1, 2, 3))
    assert publication.rollback(first) == [second, third]
    assert seen() == 1
    assert [p.withdrawn_at is None for p in publication.every()] == [False, False, True]
    with lake.connect(at=publication.get(third).lake_snapshot) as con:
        assert con.execute("SELECT amount FROM marts.figure").fetchone()[0] == 3
    with pytest.raises(PublicationError, match="was withdrawn itself"):
        publication.rollback(third)
    with pytest.raises(PublicationError, match="There is no publication 77"):
        publication.rollback(77)
    assert publication.rollback(first) == []


def test_what_was_withdrawn_by_mistake_is_published_again_as_a_new_row() -> None:
    first, record = publication.publish(certificate(write(1))), certificate(write(2))
    second = publication.publish(record)
    publication.rollback(first)
    third = publication.publish(record)
    assert third > second and seen() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM hub_meta.publication",
        "UPDATE hub_meta.publication SET lake_snapshot = 1",
        "UPDATE hub_meta.publication SET withdrawn_at = NULL",
    ],
)
def test_even_the_owner_of_the_catalog_cannot_rewrite_what_was_published(statement: str) -> None:
    first = publication.publish(certificate(write(1)))
    publication.publish(certificate(write(2)))
    publication.rollback(first)
    with lake.catalog() as db, pytest.raises(psycopg.errors.RaiseException, match="is history"):
        db.execute(statement)


def test_snapshots_expire_by_list_and_never_one_that_was_published() -> None:
    published = write(1)
    publication.publish(certificate(published))
    between = write(2)
    publication.rollback(publication.publish(certificate(write(3))) - 1)
    newest = write(4)
    candidates = publication.expirable(timedelta(0))
    assert between in candidates and published not in candidates and newest not in candidates
    for needed in (published, publication.every()[0].lake_snapshot, newest):
        with pytest.raises(PublicationError, match=f"Snapshots {needed} are published or in use"):
            publication.expire([between, needed])
    assert between in publication.expirable(timedelta(0))
    assert publication.expire(candidates) == len(candidates)
    assert publication.expirable(timedelta(0)) == []
    assert seen() == 1
    with pytest.raises(lake.LakeError, match=f"no snapshot {between}"):
        lake.connect(at=between)


def test_only_one_publication_is_made_at_a_time() -> None:
    record = certificate(write(1))
    with lake.lock("publish"), pytest.raises(lake.LakeBusy, match="Other work on “publish”"):
        with lake.lock("publish", wait_seconds=0.2):
            publication.publish(record)
