"""The gate on what was loaded, as a blocking check of each raw asset: nothing is built from rows that fail it."""

from collections.abc import Iterator

import dagster as dg

from pipelines import quality
from pipelines.assets.raw import KEYS, key_of
from pipelines.progress import tick

NAME = "quality"


@dg.multi_asset_check(
    name="quality_gate",
    specs=[
        dg.AssetCheckSpec(
            NAME, asset=key, blocking=True, description="The loaded rows are as their suites expect them."
        )
        for key in KEYS
    ],
    # Whoever starts one source from Dagster's page wants its check and not the others'.
    can_subset=True,
)
def quality_gate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """All suites in one run, after everything is loaded; a failure is told at the source that it belongs to."""
    report = quality.gate(progress=tick)
    for key in (key for key in KEYS if dg.AssetCheckKey(key, NAME) in context.selected_asset_check_keys):
        mine = [sentence for sentence in report.failures if _asset_of(sentence) == key]
        yield dg.AssetCheckResult(
            asset_key=key, check_name=NAME, passed=not mine, description="; ".join(mine) or None,
            metadata={
                "tables": report.tables, "expectations": report.expectations, "load_id": report.load_id,
                "warnings": len(report.warnings), "seconds": str(report.seconds),
            },
        )  # fmt: skip


def _asset_of(sentence: str) -> dg.AssetKey:
    """A sentence begins with its table, `raw_<source>.<table>`."""
    place = sentence.removeprefix("confidential.")
    return key_of(place.partition(".")[0].removeprefix("raw_"))
