"""The folder of files against the rows that name them: what is lost or changed, and what nobody names any more.

Content that no row names is left by an upload that was never attached, or by a command that was refused. It is cleared
after a day, under a lock that attaching shares: a row never comes to name content that is being cleared.
"""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, select, text, union
from sqlalchemy.orm import Session

from operational_app.core import db, files
from operational_app.core.i18n import _

KEPT_SECONDS = 86400
LOCK = "hashtext('hub: stored files')"


def hold(session: Session) -> None:
    """Before content is named by a row: nobody clears until this transaction has ended."""
    session.execute(text(f"SELECT pg_advisory_xact_lock_shared({LOCK})"))


def named(session: Session) -> set[str]:
    """The hashes that rows name, from every column that says it holds one."""
    columns = [
        column for table in db.Base.metadata.sorted_tables for column in table.columns if column.info.get("stored_file")
    ]
    return set(session.scalars(union(*(select(column) for column in columns))))


def faults(bind: Engine | None = None) -> Iterator[str]:
    """A sentence for each file that a row names and that is not there, or is not what was attached."""
    with db.reading(bind) as session:
        wanted = sorted(named(session))
    for content_hash in wanted:
        path = files.path_of(content_hash)
        if not path.is_file():
            yield _("The content {hash} is named by a document and is not in {folder}.").format(
                hash=content_hash, folder=files.folder()
            )
        elif _hash(path) != content_hash:
            yield _("The content {hash} is not what was attached.").format(hash=content_hash)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def clear(bind: Engine | None = None, kept_seconds: float = KEPT_SECONDS, dry_run: bool = False) -> tuple[int, int]:
    """Take away what no row names and what has lain so long; the number of files and their bytes."""
    count = size = 0
    if not files.folder().is_dir():
        return 0, 0
    with db.transaction(actor="operator", command="clear_files", bind=bind) as session:
        session.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        wanted, before = named(session), time.time() - kept_seconds
        for path in sorted(files.folder().rglob("*")):
            ours = path.name.startswith(".arriving-") or len(path.name) == 64
            if not (path.is_file() and ours) or path.name in wanted or path.stat().st_mtime > before:
                continue
            count, size = count + 1, size + path.stat().st_size
            if not dry_run:
                path.unlink()
    return count, size
