"""Our own store into the raw layer: exact at one instant, from the change log, by the difference of two snapshots.

Here belongs everything between the store's change log and `lake.raw_*`: what the store's tables are (`tables`), how
they are read at one instant (`store`), how far the lake has come (`watermark`), what is to be done (`plan`), how rows
are written (`reconcile` for a whole table, `changes` for a batch), the run around them (`run`), following (`stream`),
merging small files (`tidy`) and proving it (`verify`).
Outside sources belong to `pipelines/load.py`; what the rows mean belongs to dbt.

It knows the store only through PostgreSQL: the change log, the triggers named `zz_log`, the catalog. It never imports
the app.
"""

from pipelines.sync.run import SyncResult, sync_store

__all__ = ["SyncResult", "sync_store"]
