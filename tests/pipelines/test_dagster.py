"""Dagster's definitions: they load without a server, the graph is the one written down, a run goes the whole way."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

import hub_settings
from pipelines import build, lake, publication, quality, refresh
from tests.pipelines.trading import sell

GRAPH = Path(__file__).with_name("asset_graph.txt")


@pytest.fixture(scope="module")
def definitions(hub_server: str) -> dg.Definitions:
    if not build.manifest_file().exists():
        build.prepare_manifest()
    from pipelines.definitions import defs

    return defs


def test_definitions_load_with_no_server_to_be_reached(definitions: dg.Definitions, tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"HUB_DATABASE_URL", "DAGSTER_HOME"}
    }
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-m", "pipelines.definitions",
         "--working-directory", str(hub_settings.ROOT)],
        cwd=tmp_path, env=environment | {"PYTHONPATH": str(hub_settings.ROOT)}, capture_output=True, text=True,
        timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validation successful" in done.stdout + done.stderr


def test_without_a_manifest_the_message_says_what_makes_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import pipelines.definitions"],
        cwd=hub_settings.ROOT, env=os.environ | {"HUB_HOME": str(tmp_path)}, capture_output=True, text=True,
        timeout=180, check=False,
    )  # fmt: skip
    assert "manifest.json is missing: hub build makes it" in done.stderr


def test_the_asset_graph_is_the_one_written_down(definitions: dg.Definitions) -> None:
    """A change of what comes from where shows in review. One that is meant: run this test with HUB_WRITE_GRAPH=1.

    Each mart with the loads that it rests on; models between them are free to change.
    """
    graph = definitions.resolve_asset_graph()
    blocking = {check: graph.get_check_spec(check).blocking for check in graph.asset_check_keys}
    lines = []
    for key in sorted(graph.get_all_asset_keys(), key=lambda one: one.to_user_string()):
        name, group = key.to_user_string(), graph.get(key).group_name
        if group in {"staging", "intermediate"}:
            continue
        loads = {parent for parent in graph.get_ancestor_asset_keys(key) if graph.get(parent).group_name == "raw"}
        origins = ", ".join(sorted(parent.to_user_string() for parent in loads))
        checks = [check for check in blocking if check.asset_key == key]
        told = ["blocking checks"] if checks else []
        lines.append(" ".join([name, f"[{group}]", *([f"<- {origins}"] if origins else []), *told]))
    text = "\n".join(lines) + "\n"
    if os.environ.get("HUB_WRITE_GRAPH"):
        GRAPH.write_text(text)
    assert text == GRAPH.read_text()
    assert all(blocking.values()), [str(check) for check, blocks in blocking.items() if not blocks]
    assert graph.get(dg.AssetKey("publication")).parent_keys == {dg.AssetKey("certificate")}
    built = {
        key for key in graph.get_all_asset_keys() if graph.get(key).group_name in {"staging", "intermediate", "marts"}
    }
    assert graph.get(dg.AssetKey("certificate")).parent_keys == built | {dg.AssetKey("raw_other_sources")}


def test_builds_wait_for_somebody_who_switches_their_schedule_on_and_expiry_does_not(
    definitions: dg.Definitions,
) -> None:
    assert {(one.job_name, one.cron_schedule, one.default_status) for one in definitions.schedules} == {
        ("refresh", "*/15 * * * *", dg.DefaultScheduleStatus.STOPPED),
        ("expire", "30 3 * * *", dg.DefaultScheduleStatus.RUNNING),
    }


def test_expiry_takes_nothing_of_the_last_week(definitions: dg.Definitions, trading: Any) -> None:
    with lake.connect() as con:
        before = con.execute("SELECT count(*) FROM ducklake_snapshots('lake')").fetchone()
    assert definitions.resolve_job_def("expire").execute_in_process().success
    with lake.connect() as con:
        assert con.execute("SELECT count(*) FROM ducklake_snapshots('lake')").fetchone() == before


@pytest.fixture
def told() -> Iterator[list[str]]:
    from pipelines import progress

    heard: list[str] = []
    with progress.watched(lambda done, total, what: heard.append(what)):
        yield heard


def test_a_run_goes_from_the_store_to_what_readers_see_and_is_on_record(
    definitions: dg.Definitions, trading: Any, told: list[str]
) -> None:
    from pipelines import run

    shop = {
        "place": {"id": trading.value("SELECT min(id) FROM erp.stock_location")},
        "item": {"id": trading.value("SELECT min(id) FROM erp.item")},
        "customer": {"id": trading.value("SELECT min(id) FROM core.party_role WHERE role = 'customer'")},
    }
    sell(trading, shop, 4)
    sold = trading.value("SELECT sum(subtotal) FROM erp.sales_order")
    outcomes = [step(None) for _title, step in refresh.STEPS]
    assert all(outcomes)
    seen = publication.current()
    with lake.connect(at=seen.lake_snapshot) as con:
        assert con.execute("SELECT sum(subtotal) FROM marts.fct_sales_order").fetchone()[0] == sold
    assert seen.published_by == "dagster"
    assert "marts.fct_sales_order" not in told and "fct_sales_order" in told
    with run.instance() as instance:
        record = instance.get_latest_materialization_event(dg.AssetKey("publication"))
        assert record.asset_materialization.metadata["publication"].value == seen.id
        runs = instance.get_runs()
        assert {r.job_name for r in runs} == {"refresh"}
        assert {r.status for r in runs} == {dg.DagsterRunStatus.SUCCESS}


def test_rows_that_fail_the_gate_stop_the_run_in_words(
    definitions: dg.Definitions, trading: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.quality.suites import Rule, Suite

    impossible = Suite("lake", "raw_erp", "item", ("id",), 0, (Rule("between", ("list_price",), argument=[1, 2]),))
    monkeypatch.setattr(quality, "suites", lambda: (impossible,))
    before = publication.latest()
    with pytest.raises(
        quality.QualityFailed, match=r"raw_erp.item: between \[1, 2\] list_price does not hold for 1 of 1"
    ):
        refresh.sync()
    assert publication.latest() == before
