"""The whole way, from the store and the sources to what readers see, as steps that a command can show one by one.

Each step materialises its assets, so that it stands in Dagster's record like a run of the schedule.
"""

from collections.abc import Callable
from gettext import gettext as _
from typing import TYPE_CHECKING, Any

from pipelines import publication
from pipelines.progress import Tick

if TYPE_CHECKING:
    import dagster as dg


def sync(tick: Tick | None = None) -> str:
    """Bring in what is new and look at it. The gate belongs to it: what was loaded is not used before it passed.

    Raises:
        QualityFailed: the loaded rows are not as they must be.
    """
    from dagster._core.errors import DagsterAssetCheckFailedError

    from pipelines import quality
    from pipelines.assets.raw import KEYS

    try:
        told = _materialise(KEYS, tick)
    except DagsterAssetCheckFailedError:
        # The results are recorded: asked again, the gate answers at once, and in words.
        quality.gate().require()
        raise
    report = quality.gate().require()
    return _("{rows} rows new, changed or gone; {expectations} expectations on {tables} tables hold").format(
        rows=sum(int(one.get("rows", 0)) for one in told.values()),
        expectations=report.expectations,
        tables=report.tables,
    )


def build(tick: Tick | None = None) -> str:
    """Build and test the whole warehouse."""
    from pipelines.assets.publication import models

    told = _materialise(models(), tick)
    return _("{models} models built and tested").format(models=len(told))


def certify(tick: Tick | None = None) -> str:
    """Compare the warehouse with its sources and books.

    Raises:
        CertificateFailed: they differ.
    """
    told = _materialise(["certificate"], tick)["certificate"]
    return _("{checks} checks hold").format(checks=told["checks"])


def publish(tick: Tick | None = None) -> publication.Publication:
    """Certify what was built last and let readers see it."""
    told = _materialise(["certificate", "publication"], tick)["publication"]
    return publication.get(told["publication"])


def _publish(tick: Tick | None = None) -> str:
    told = _materialise(["publication"], tick)["publication"]
    return _("publication {id}, snapshot {snapshot}").format(id=told["publication"], snapshot=told["lake_snapshot"])


def _materialise(assets: "list[dg.AssetKey] | list[str]", tick: Tick | None) -> dict[str, dict[str, Any]]:
    from dagster import AssetKey

    from pipelines.run import materialise

    keys = [AssetKey(asset) if isinstance(asset, str) else asset for asset in assets]
    return materialise(keys, watcher=tick)


# Title -> what it does, given somebody to tell how far it is; it gives a line on what came of it.
STEPS: tuple[tuple[str, Callable[[Tick | None], str]], ...] = (
    (_("Sync"), sync),
    (_("Build"), build),
    (_("Certify"), certify),
    (_("Publish"), _publish),
)
