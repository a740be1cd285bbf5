"""The benchmarks in their quick form: each measures something, says under what load, and leaves true books behind."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from operational_app import bench
from operational_app.bench import Size
from tests.web.conftest import HOME_OF_ASSETS


def measured(name: str) -> list[bench.Result]:
    return bench.bench(name).run(Size(quick=True, documents=1400), lambda _text: None)


def test_posting_is_compared_with_the_same_statements_sent_by_the_driver_alone(store):
    one, several = measured("posting")
    assert (one.unit, one.goal) == ("ratio", 0.35)
    assert one.details["statements"] > 10
    assert one.details["floor_per_second"] > 0 and one.details["per_second"] > 0
    assert one.load.startswith("1 processes") and several.load.startswith("2 processes")
    assert several.samples > one.samples > 0
    assert no_truth_is_broken("finance")


@pytest.fixture
def front_end(hub_server) -> None:
    """The front-end packages lie where ./hub put them, not in the fresh HUB_HOME that a test run gets."""
    there = Path(os.environ["HUB_HOME"]) / "assets"
    if not there.exists():
        there.symlink_to(Path(HOME_OF_ASSETS) / "assets")


def test_pages_are_measured_through_the_served_app_with_their_load_stated(store, front_end):
    results = measured("pages")
    everything = results[0]
    assert everything.what == "all pages, p95" and everything.samples == sum(r.samples for r in results[1:])
    assert "documents, 2 users" in everything.load and "pages a second" in everything.load
    assert everything.value > 0


def test_the_trial_balance_is_measured_on_entries_that_balance(store):
    (result,) = measured("trial-balance")
    assert result.value > 0 and "entries" in result.load and result.samples == 2
    assert no_truth_is_broken("finance")


def test_a_figure_holds_above_a_ratio_or_a_rate_and_below_a_latency():
    def figure(unit: str, value: float) -> bool:
        return bench.Result(bench="b", what="w", value=value, unit=unit, goal=1.0, load="none", samples=1).holds

    assert figure("ratio", 1.2) and not figure("ratio", 0.8)
    assert figure("a second", 1.2) and not figure("a second", 0.8)
    assert figure("ms", 0.8) and not figure("ms", 1.2)


def test_the_command_writes_figures_as_json_and_leaves_no_store_behind(store, tmp_path):
    from operational_app.cli.bench import DATABASE
    from operational_app.cli.bench import bench as command

    file = tmp_path / "bench.json"
    done = CliRunner().invoke(command, ["simulator", "--quick", "--json", str(file)])
    assert done.exit_code == 0, done.output
    assert "one process" in done.output and "≥ 100 a second" in done.output
    (result,) = json.loads(file.read_text())["results"]
    assert result["bench"] == "simulator" and result["value"] > 0 and result["samples"] > 20
    assert store.value("SELECT count(*) FROM pg_database WHERE datname = %s", DATABASE) == 0


def test_an_unknown_bench_is_refused_with_the_list_of_those_there_are(store):
    from operational_app.cli.bench import bench as command

    done = CliRunner().invoke(command, ["nothing"])
    assert done.exit_code == 2 and "trial-balance" in done.output


@pytest.mark.parametrize("invoiced", [True, False])
def test_the_bulk_writer_leaves_books_of_which_every_truth_holds(store, invoiced):
    from datetime import date

    from operational_app.core import audit
    from operational_app.simulator import bulk

    written = bulk.write_documents("BULK", 1500, date(2025, 1, 1), date(2026, 3, 31), invoiced=invoiced)
    assert 1300 < written <= 1500
    assert store.value("SELECT count(*) FROM core.change_log WHERE command = 'bulk_write'") > written
    assert no_truth_is_broken("finance") and no_truth_is_broken("erp")
    chain = audit.verify_chain()
    assert chain.faults == [] and chain.seals > 0
    assert store.value("SELECT max(sequence) FROM core.change_log") >= chain.rows > written


def test_a_clerk_goes_on_with_what_the_bulk_writer_left(store):
    from datetime import date

    from operational_app.simulator import bulk

    bulk.write_documents("BULK", 30, date(2026, 1, 1), date(2026, 3, 31), invoiced=False)
    waiting = store.rows("SELECT id, number FROM erp.delivery WHERE state = 'shipped' ORDER BY id LIMIT 1")[0]
    made = store.run("sales", "invoice_delivery", id=waiting[0], version=1, business_date="2026-04-02")
    assert made["document"] == "sales_invoice" and made["number"] == "SI-2026-00001"
    assert no_truth_is_broken("finance") and no_truth_is_broken("erp")


def no_truth_is_broken(module: str) -> bool:
    from operational_app.checks import all_checks, facts_against

    return facts_against(all_checks(module), 5) == {}
