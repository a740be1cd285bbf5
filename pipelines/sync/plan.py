"""What a run has to do in one lake: the tables to compare in full, those to drop, and the batch, each with its reason."""

from dataclasses import dataclass, field

from pipelines.sync import changes, store, watermark
from pipelines.sync.tables import CHANGE_LOG, Table
from pipelines.sync.watermark import Watermark
from pipelines.sync.writing import Writer


@dataclass
class Plan:
    """What is to be done in one lake."""

    wanted: dict[str, Table]
    last: Watermark | None
    kind: str
    reason: str
    compare: list[str]
    gone: list[str]
    entries: dict[str, int] = field(default_factory=dict)

    @property
    def is_idle(self) -> bool:
        return not (self.compare or self.gone or self.entries)


def plan_for(writer: Writer, wanted: dict[str, Table], now: store.Instant, full: bool, asked: dict[str, str]) -> Plan:
    """Decide what a run has to do in one lake.

    Args:
        wanted: the tables that belong into this lake.
        full: compare all of them.
        asked: tables to compare in full beside the batch, with the reason as it is told.
    """
    last = watermark.read(writer.con, writer.catalog)
    if last is None:
        return Plan(wanted, None, "full", "first load", sorted(wanted), [])
    why = store.why_not_continued(writer.reader, now, last)
    gone = sorted(set(last.tables) - set(wanted))
    if why or full:
        return Plan(wanted, None, "full", why or "asked for", sorted(wanted), gone)
    compare, reasons = [], []
    for name, table in sorted(wanted.items()):
        state = last.tables.get(name)
        if state is None:
            reasons.append(f"{name} is new")
        elif state.shape != table.shape:
            reasons.append(f"{name} has another shape")
        elif name in asked:
            reasons.append(f"{name} {asked[name]}")
        else:
            continue
        compare.append(name)
    entries = changes.touched(writer, wanted[CHANGE_LOG], last) if CHANGE_LOG in wanted else {}
    return Plan(wanted, last, "changes", "; ".join(reasons), compare, gone, entries)
