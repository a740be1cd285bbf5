"""Readers while publications are made: whole states only, no error, no mixed figures."""

import threading
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from psycopg.types.json import Jsonb

from dashboards import figures, warehouse
from dashboards.figures import Figure
from dashboards.metrics import MEASURES
from dashboards.policy import Viewer
from pipelines import lake, publication
from pipelines.publication import Publication

PUBLICATIONS = 6


@pytest.fixture
def undone(shown: Publication) -> Iterator[Publication]:
    """Whatever a test publishes is withdrawn after it."""
    yield shown
    publication.rollback(shown.id)


def change_and_publish(shown: Publication) -> int:
    """Every line of DEMO earns one more: rows first and figures later, so that between the two the lake is half-built."""
    with lake.connect(writer=True) as con:
        con.execute("UPDATE marts.fct_margin_line SET revenue = revenue + 1 WHERE company_id = 'hub:1' AND revenue > 0")
        con.execute(
            "UPDATE marts.fct_company_monthly m SET revenue = (SELECT sum(l.revenue) FROM marts.fct_margin_line l "
            "WHERE l.company_id = m.company_id AND date_trunc('month', l.business_date) = m.month_start) "
            "WHERE company_id = 'hub:1'"
        )
        snapshot = lake.current_snapshot(con)
    with lake.catalog() as db:
        return db.execute(
            "INSERT INTO hub_meta.publication (lake_snapshot, published_by, certificate) VALUES (%s, 'test', %s) "
            "RETURNING id",
            (snapshot, Jsonb(shown.certificate)),
        ).fetchone()[0]


def test_two_readers_see_whole_publications_while_others_are_made(
    undone: Publication, viewer: Callable[[str], Viewer]
) -> None:
    scope, month = viewer("manager").scope, date(2026, 2, 1)
    seen: dict[int, set[str]] = {}
    failures: list[BaseException] = []
    done = threading.Event()

    def watch() -> None:
        try:
            while not done.is_set():
                now = warehouse.latest()
                assert now is not None
                overview = figures.overview(now, scope)
                demo = next(company for company in overview.companies if company.code == "DEMO")
                value = overview.value(demo, month, "revenue")
                rows = figures.rows_of(now, scope, Figure(MEASURES["revenue"], (demo,), month))
                assert rows.amount == value == sum(row["amount"] for row in rows.rows)
                seen.setdefault(now.id, set()).add(str(value))
        except BaseException as error:  # noqa: BLE001 - told by the test below
            failures.append(error)

    readers = [threading.Thread(target=watch) for _number in range(2)]
    for reader in readers:
        reader.start()
    published = [undone.id]
    try:
        for _number in range(PUBLICATIONS):
            published.append(change_and_publish(undone))
            until = threading.Event()
            while published[-1] not in seen and not failures and readers[0].is_alive():
                until.wait(0.02)
    finally:
        done.set()
        for reader in readers:
            reader.join(30)
    assert failures == []
    assert seen.keys() <= set(published) and len(seen) >= PUBLICATIONS
    assert [values for values in seen.values() if len(values) != 1] == []
    assert len({next(iter(values)) for values in seen.values()}) == len(seen)


def test_only_the_latest_few_publications_stay_attached(undone: Publication, viewer: Callable[[str], Viewer]) -> None:
    scope = viewer("manager").scope
    for _number in range(warehouse.ATTACHED_AT_MOST + 1):
        change_and_publish(undone)
        now = warehouse.latest()
        assert now is not None
        warehouse.read(now, scope, "SELECT count(*) FROM dim_company")
    assert len(warehouse._attached) == warehouse.ATTACHED_AT_MOST
