"""The build: dbt run in this process over one instant of `raw`, and what came of it.

What belongs here: where dbt lies and works, the lock, the pinned snapshot, and the translation of dbt's result into
numbers or into one clear error. What is built stands in `dbt_project/`; how the lake is attached, in `pipelines/lake.py`.

A build that fails, or dies half-way, leaves tables in the newest state of the lake only. Readers look at the snapshot
of the latest publication, so they never see it; the next build replaces what was left.

Unit tests of models belong to the test suite, not to the build: they test the code, which is the same every night.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import Any

import hub_settings
from pipelines import build_record, lake

PROJECT = hub_settings.ROOT / "dbt_project"
RAW_SNAPSHOT = "HUB_RAW_SNAPSHOT"

# The failures named in the message; the log holds the rest.
NAMED_FAILURES = 8

Progress = Callable[[str, str, float], None]


class BuildError(Exception):
    """The build did not succeed; the message names what failed and where to read on."""

    @property
    def hub_message(self) -> str:
        return str(self)


@dataclass(frozen=True)
class BuildResult:
    """What a build did.

    Attributes:
        models: tables and views that were built.
        tests_passed: data tests that held.
        tests_warned: tests of severity `warn` that found something; they stop nothing.
        seconds: from taking the lock to the end.
        raw_snapshot: snapshot of the lake at which `raw` was read, by every model alike.
        lake_snapshot: the newest snapshot after the build, the one to certify and publish.
    """

    models: int
    tests_passed: int
    tests_warned: int
    seconds: float
    raw_snapshot: int
    lake_snapshot: int


def work_folder() -> Path:
    """Where dbt writes what it compiles (`target`), its log and the manifest; nothing is written into the project."""
    return hub_settings.home() / "dbt"


def manifest_file() -> Path:
    return work_folder() / "target" / "manifest.json"


def dbt_options() -> list[str]:
    """The options that every call of dbt on this project takes."""
    return [
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(work_folder() / "target"), "--log-path", str(work_folder() / "logs")),
    ]


def build(
    select: str | Sequence[str] | None = None, full_refresh: bool = False, progress: Progress | None = None
) -> BuildResult:
    """Build and test the warehouse, or the part of it that `select` names in dbt's words.

    A part is built from what the last build left in the layers before it: `+fct_sales_order` builds those too.

    Args:
        select: dbt's node selection, such as `fct_sales_order+`; None for all.
        full_refresh: define every table and view anew, not only replace rows.
        progress: called with name, outcome and seconds as each model and test ends.

    Raises:
        BuildError: a model or a test failed, or `select` names nothing.
        lake.LakeBusy: another build runs.
    """
    started = time.monotonic()
    chosen = [select] if isinstance(select, str) else list(select or ())
    arguments = ["build", *dbt_options(), "--exclude-resource-type", "unit_test"]
    arguments += ["--select", *chosen] if chosen else []
    arguments += ["--full-refresh"] if full_refresh else []
    with lake.lock("build"):
        raw_snapshot = _newest_snapshot()
        record = build_record.begin(raw_snapshot, chosen)
        try:
            with _environment(RAW_SNAPSHOT, str(raw_snapshot)):
                results = _results(run_dbt(arguments, progress), chosen)
        except BuildError as error:
            build_record.fail(record, str(error))
            raise
        outcomes = [(str(r.node.resource_type), str(r.status)) for r in results]
        counts = {
            "models": sum(kind == "model" and status == "success" for kind, status in outcomes),
            "tests_passed": sum(kind == "test" and status == "pass" for kind, status in outcomes),
            "tests_warned": sum(kind == "test" and status == "warn" for kind, status in outcomes),
        }
        lake_snapshot = build_record.succeed(record, **counts)
    return BuildResult(
        **counts,
        seconds=round(time.monotonic() - started, 3),
        raw_snapshot=raw_snapshot,
        lake_snapshot=lake_snapshot,
    )


def prepare_manifest() -> Path:
    """Have dbt parse the project into its manifest, which Dagster's definitions read; connects to nothing.

    Raises:
        BuildError: the project does not parse.
    """
    result = run_dbt(["parse", *dbt_options()])
    if not result.success:
        raise BuildError(_("The dbt project does not parse: {error}").format(error=result.exception))
    return manifest_file()


def run_dbt(arguments: Sequence[str], progress: Progress | None = None) -> Any:
    """Run dbt in this process, silent on the terminal, with its log in HUB_HOME/dbt/logs. Gives dbtRunner's result."""
    # Both take over a second to import, and only builds need them.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def on_event(event: Any) -> None:
        if progress is not None and event.info.name == "NodeFinished":
            data = event.data
            progress(data.node_info.node_name, data.run_result.status, data.run_result.execution_time)

    quiet = ["--log-level", "none", "--log-level-file", "info", "--no-use-colors", "--no-send-anonymous-usage-stats"]
    try:
        with _environment("PYTHONPATH", _python_path()):
            return dbtRunner(callbacks=[on_event]).invoke([*arguments, *quiet])
    finally:
        # The adapter keeps its DuckDB for the next run of this process, which would then read `raw` at the old snapshot.
        DuckDBConnectionManager.close_all_connections()


def _results(result: Any, chosen: list[str]) -> list[Any]:
    """The outcome of each node.

    Raises:
        BuildError: dbt could not begin, nothing was chosen, or a node failed.
    """
    log = work_folder() / "logs" / "dbt.log"
    nodes = list(getattr(result.result, "results", None) or ())
    failed = [node for node in nodes if str(node.status) in {"error", "fail", "runtime error"}]
    if failed:
        lines = [_sentence(node) for node in failed[:NAMED_FAILURES]]
        if len(failed) > NAMED_FAILURES:
            lines.append(_("and {count} more").format(count=len(failed) - NAMED_FAILURES))
        raise BuildError(
            _("The build failed, so there is nothing new to publish. {failures}. All of it: {log}").format(
                failures="; ".join(lines), log=log
            )
        )
    if not result.success:
        raise BuildError(
            _("dbt could not run: {error}. More in {log}").format(error=str(result.exception or "?").strip(), log=log)
        )
    if not nodes:
        raise BuildError(_("Nothing to build is called {names}.").format(names=" ".join(chosen) or "-"))
    return nodes


def _sentence(node: Any) -> str:
    """One failure in words: a test with the number of rows that break it, a model with the engine's message."""
    name = node.node.name
    if str(node.status) == "fail":
        return _("Test {name} found {count} rows that break it").format(name=name, count=node.failures)
    kind = _("Test") if str(node.node.resource_type) == "test" else _("Model")
    return f"{kind} {name}: {' '.join(str(node.message).split())}"


def _newest_snapshot() -> int:
    with lake.connect(writer=True) as con:
        return lake.current_snapshot(con)


def _python_path() -> str:
    """dbt imports our plugin by name, also when it runs in a child process of Dagster."""
    have = os.environ.get("PYTHONPATH", "")
    return str(hub_settings.ROOT) + (os.pathsep + have if have else "")


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
