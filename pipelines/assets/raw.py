"""The raw layer as assets: our own store, each data set that the hub knows by name, and all other registered sources.

Which sources are registered is known to the catalog only, and definitions must load without a server: so a known data
set has an asset whether it is registered or not, and says when it is not.
"""

from typing import Any

import dagster as dg

from connectors.files.profile import profiles
from pipelines import sources
from pipelines.load import load_source
from pipelines.progress import tick
from pipelines.sync import sync_store

GROUP = "raw"
STORE = dg.AssetKey("raw_store")
OTHERS = dg.AssetKey("raw_other_sources")
KNOWN = tuple(sorted(profiles()))


def key_of(source: str) -> dg.AssetKey:
    """The asset that brings a source in, by the source's name in dbt: a module of ours, or an outside source."""
    return dg.AssetKey(f"raw_{source}") if source in KNOWN else STORE


@dg.asset(key=STORE, group_name=GROUP, kinds={"postgres", "ducklake"})
def raw_store() -> dg.MaterializeResult:
    """Our own store in raw_core, raw_erp, …: exact at one instant, from the change log."""
    result = sync_store(progress=tick)
    return dg.MaterializeResult(
        metadata={
            "kind": result.kind, "changes": result.changes, "tables_written": len(result.tables),
            "tables_unchanged": result.unchanged, "rows": sum(t.inserted + t.updated + t.deleted for t in result.tables),
            "snapshot": result.snapshot, "seconds": str(result.seconds), "reason": result.reason or "-",
        }
    )  # fmt: skip


def _known(name: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=key_of(name), group_name=GROUP, kinds={"file", "ducklake"},
        description=f"The data set {name} in raw_{name}, where it is registered as a source.",
    )  # fmt: skip
    def load() -> dg.MaterializeResult:
        registered = {entry.source.name for entry in sources.registered()}
        return dg.MaterializeResult(metadata=_load(name) if name in registered else {"registered": False})

    return load


@dg.asset(key=OTHERS, group_name=GROUP, kinds={"ducklake"})
def raw_other_sources() -> dg.MaterializeResult:
    """Every other registered source, in raw_<its name>."""
    names = [entry.source.name for entry in sources.registered() if entry.source.name not in KNOWN]
    return dg.MaterializeResult(metadata={"sources": len(names)} | {name: _load(name)["rows"] for name in names})


def _load(name: str) -> dict[str, Any]:
    results = load_source(name, progress=tick)
    return {
        "registered": True, "tables": len(results),
        "tables_written": sum(t.status != "unchanged" for t in results),
        "rows": sum(t.inserted + t.updated + t.deleted for t in results),
        "quarantined": sum(t.quarantined for t in results), "notes": "; ".join(n for t in results for n in t.notes) or "-",
    }  # fmt: skip


ASSETS = [raw_store, *(_known(name) for name in KNOWN), raw_other_sources]
KEYS = [STORE, *(key_of(name) for name in KNOWN), OTHERS]
