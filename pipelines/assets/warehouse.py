"""The dbt project as assets: every model one, every test a check, errors blocking.

The build itself is `pipelines.build`, the same as from the shell. dbt parses the project at build time; here its
manifest is read, never made, so that loading the definitions costs no parse and needs no server.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from pipelines import build
from pipelines.assets.raw import key_of
from pipelines.progress import tick


class ManifestMissing(Exception):
    """dbt has not parsed the project yet."""


class Translator(DagsterDbtTranslator):
    """Models by layer and name; a source of dbt is the raw asset that brings its tables."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return key_of(dbt_resource_props["source_name"])
        return dg.AssetKey([dbt_resource_props["config"]["schema"] or "marts", dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """`staging`, `intermediate` or `marts`."""
        return dbt_resource_props["fqn"][1]


@lru_cache(maxsize=1)
def manifest() -> dict[str, Any]:
    """What dbt knows of the project.

    Raises:
        ManifestMissing: it was never parsed on this machine.
    """
    file = build.manifest_file()
    if not file.exists():
        raise ManifestMissing(
            f"{file} is missing: hub build makes it, and so does "
            "python -c 'from pipelines import build; build.prepare_manifest()'."
        )
    return json.loads(file.read_text(encoding="utf-8"))


TRANSLATOR = Translator()


@dbt_assets(manifest=manifest(), dagster_dbt_translator=TRANSLATOR, name="warehouse")
def warehouse(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Build and test the marts, or those of them that were chosen."""
    by_name = {node["name"]: node for node in manifest()["nodes"].values()}
    chosen = _chosen(context, by_name)
    outcomes: list[tuple[str, str, float]] = []

    def heard(name: str, status: str, seconds: float) -> None:
        outcomes.append((name, status, seconds))
        tick(len(outcomes), 0 if chosen else len(by_name), name)

    try:
        result = build.build(chosen, progress=heard)
    finally:
        yield from _told(context, by_name, outcomes)
    context.log.info(
        f"{result.models} models, {result.tests_passed} tests, raw at snapshot {result.raw_snapshot}, "
        f"built in snapshot {result.lake_snapshot}"
    )


def _chosen(context: dg.AssetExecutionContext, by_name: Mapping[str, Any]) -> list[str] | None:
    """The names of the chosen models; None for all, so that the whole warehouse is known to be of one instant."""
    chosen = [key.path[-1] for key in context.selected_asset_keys]
    every = [name for name, node in by_name.items() if node["resource_type"] == "model"]
    return None if set(chosen) == set(every) else sorted(chosen)


def _told(
    context: dg.AssetExecutionContext, by_name: Mapping[str, Any], outcomes: list[tuple[str, str, float]]
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """What dbt did, in Dagster's words."""
    checks = {key.name: key for key in context.selected_asset_check_keys}
    for name, status, seconds in outcomes:
        node = by_name.get(name)
        if node is None:
            continue
        if node["resource_type"] == "model" and status == "success":
            yield dg.MaterializeResult(
                asset_key=TRANSLATOR.get_asset_key(node), metadata={"seconds": round(seconds, 3)}
            )
        elif node["resource_type"] == "test" and name in checks:
            warns = node["config"]["severity"].lower() == "warn"
            yield dg.AssetCheckResult(
                asset_key=checks[name].asset_key, check_name=name, passed=status == "pass",
                severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
                metadata={"status": status, "seconds": round(seconds, 3)},
            )  # fmt: skip
