"""The refusals of the sync, each with a sentence that says what to do next."""

from pipelines.lake import LakeError


class SyncError(LakeError):
    """The store cannot be brought into the lake as it is; nothing was written."""


class StoreMoved(SyncError):
    """A table was altered while it was being read, so that what was read may be of two instants. Trying again helps."""


class Diverged(SyncError):
    """A table in the lake is not what the batch builds on; it has to be compared with the store in full.

    Attributes:
        table: "schema.table" of the store.
    """

    def __init__(self, table: str, message: str) -> None:
        super().__init__(message)
        self.table = table
