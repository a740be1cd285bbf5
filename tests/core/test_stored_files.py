"""Files of documents: lost and changed ones are told, forgotten ones are cleared, attached ones never."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from operational_app.core import db, files, stored_files
from tests.conftest import Store


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(files, "folder", lambda: tmp_path / "files")
    yield tmp_path / "files"


def attach(store: Store, content: bytes) -> str:
    customer = store.run("sales", "register_customer", name=f"Customer of {content!r}")
    kept = files.keep([content])
    store.run(
        "sales",
        "attach_file",
        document_type="customer",
        document_id=customer["id"],
        file_name="a.txt",
        upload=files.ticket_for(kept, store.users["sales"]),
    )
    return kept.content_hash


def age(path: Path) -> None:
    os.utime(path, (time.time() - 90_000,) * 2)


def test_what_nobody_attached_is_cleared_after_a_day_and_what_is_attached_stays(store: Store, folder: Path) -> None:
    attached, forgotten = attach(store, b"attached"), files.keep([b"forgotten"]).content_hash
    half = folder / ".arriving-half"
    half.write_bytes(b"ha")
    note = folder / "note-of-the-administrator"
    note.write_text("not ours")
    assert stored_files.clear() == (0, 0), "all of it is fresh"
    for path in (files.path_of(attached), files.path_of(forgotten), half, note):
        age(path)
    assert stored_files.clear(dry_run=True) == (2, 11)
    assert stored_files.clear() == (2, 11)
    assert files.path_of(attached).exists() and note.exists()
    assert not files.path_of(forgotten).exists() and not half.exists()


def test_clearing_waits_for_who_is_attaching(store: Store) -> None:
    content = files.keep([b"uploaded long ago"])
    age(files.path_of(content.content_hash))
    done: list[tuple[int, int]] = []
    with db.transaction(actor="sales", command="attach_file") as session:
        stored_files.hold(session)
        clearing = threading.Thread(target=lambda: done.append(stored_files.clear()))
        clearing.start()
        clearing.join(0.5)
        assert clearing.is_alive() and files.path_of(content.content_hash).exists()
    clearing.join(20)
    assert done == [(1, 17)]


def test_lost_and_changed_content_is_told(store: Store) -> None:
    lost, changed = attach(store, b"lost"), attach(store, b"changed")
    assert list(stored_files.faults()) == []
    files.path_of(lost).unlink()
    files.path_of(changed).write_bytes(b"Changed")
    told = "\n".join(stored_files.faults())
    assert f"{lost} is named" in told and f"{changed} is not what was attached" in told
