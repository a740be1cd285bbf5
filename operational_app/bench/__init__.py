"""The benchmarks: one file each, and nothing else to register.

A bench is a module with a docstring whose first line says what it measures, and `run(size, say)`, which works on the store
that HUB_DATABASE_URL names, makes what it needs there, and returns what it measured. It compares with a floor that it
measured in the same run, or states its load beside the latency. `hub bench` gives it a store of its own and drops that
afterwards.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

import psycopg

import hub_settings

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is done. The quick form is for tests: it proves that the bench measures, not how fast anything is."""

    quick: bool = False
    documents: int = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Result:
    """One figure.

    Attributes:
        value: the figure in its unit: `ratio` (of ours to the floor's rate), `a second` or `ms`.
        goal: what it should reach: at least for a ratio and a rate, at most for milliseconds.
        load: under what it was measured: processes, users, rows, floor.
        samples: how many measurements are behind it.
    """

    bench: str
    what: str
    value: float
    unit: str
    goal: float
    load: str
    samples: int
    details: dict[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return self.value <= self.goal if self.unit == "ms" else self.value >= self.goal


# Modules of this package that are what benches share, and none themselves.
SHARED = frozenset({"tape", "client"})


def names() -> list[str]:
    """Names of the benches, as `hub bench NAME` takes them."""
    return sorted(m.name.replace("_", "-") for m in pkgutil.iter_modules(__path__) if m.name not in SHARED)


def bench(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")


def settle() -> None:
    """What a running store's autovacuum does by itself within minutes: sweep up, and count what is where."""
    with psycopg.connect(hub_settings.database_url("hub_owner", "store"), autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the measurements lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
