"""Builds in processes of their own, to be watched and to be killed, and the trading company that they are made of."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hub_settings

# What an order changes shows in these marts, which must agree; the long runs build everything.
PART = (
    "stg_erp__sales_order stg_erp__sales_order_line int_sales_order__hub int_sales_order_line__hub "
    "fct_sales_order fct_sales_order_line"
)


class Worker:
    """The process that forks builds, so that each begins with its work at once."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("build_worker.py"))], cwd=hub_settings.ROOT,
            env=os.environ | {"PYTHONPATH": str(hub_settings.ROOT)}, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip

    def build(self, chosen: str, kill_after: float | None = None) -> tuple[int, float]:
        """Run a build to its end, or kill it after so many seconds; gives its exit status and its seconds."""
        self.process.stdin.write(json.dumps([chosen, kill_after]) + "\n")
        self.process.stdin.flush()
        status, seconds = json.loads(self.process.stdout.readline())
        return status, seconds


@contextmanager
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.process.stdin.close()
    made.process.wait(timeout=60)


def order(store: Any, quantity: int = 1) -> dict[str, Any]:
    """One more order in the store, not yet confirmed."""
    return store.run(
        "sales", "enter_sales_order", customer_id=store.value("SELECT min(id) FROM core.party_role"),
        business_date="2026-03-02", stock_location_id=store.value("SELECT min(id) FROM erp.stock_location"),
        lines=[{"item_id": store.value("SELECT min(id) FROM erp.item"), "quantity": str(quantity)}],
    )  # fmt: skip
