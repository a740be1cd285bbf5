"""Everything comes back from a backup into another home, and nothing is overwritten."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import hub_settings
from operational_app.cli import backup_set
from operational_app.core import files
from tests.conftest import Store
from tests.pipelines.trading import furnish, sell


@pytest.fixture
def other_home() -> Iterator[Path]:
    """A home on the same machine with a server of its own, empty."""
    home = Path(tempfile.mkdtemp(prefix="hub-restored-"))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def living(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A company that has traded, with a lake, a publication's row, a file on a document and an identity provider."""
    from pipelines import lake
    from pipelines.sync import sync_store
    from tests.pipelines.conftest import drop_lakes

    monkeypatch.setenv("HUB_LAKE_PATH", str(tmp_path / "lake"))
    monkeypatch.setattr(files, "folder", lambda: tmp_path / "files")
    monkeypatch.setitem(backup_set.FOLDERS, "files", lambda: tmp_path / "files")
    lake.create()
    shop = furnish(store)
    sell(store, shop, 3)
    user = store.users["sales"]
    ticket = files.ticket_for(files.keep([b"the offer as it was signed"]), user)
    store.run("sales", "attach_file", document_type="sales_order", document_id=1, file_name="offer.pdf", upload=ticket)
    sync_store()
    with lake.catalog() as db:
        db.execute("INSERT INTO hub_meta.publication (lake_snapshot, certificate) VALUES (1, '{}')")
    hub_settings.keep_secrets({"oidc:issuer": "https://login.company.example"})
    yield store
    hub_settings.keep_secrets({"oidc:issuer": None})
    drop_lakes()


def hub(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return subprocess.run(
        [sys.executable, "-m", "operational_app.cli", *words],
        env=environment | {"HUB_HOME": str(home)},
        cwd=hub_settings.ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


def test_everything_comes_back_in_another_home_and_nothing_is_overwritten(
    living: Store, other_home: Path, tmp_path: Path
) -> None:
    place = tmp_path / "backup"
    content = backup_set.make(place, lambda _words: None)
    assert place.stat().st_mode & 0o077 == 0
    assert set(content["databases"]) == {"store", "lake", "confidential", "dagster"}
    assert content["databases"]["store"]["erp.sales_order"][0] == 1
    assert not any(name.startswith("password:") for name in json.loads((place / "secrets.json").read_text()))
    with pytest.raises(backup_set.AlreadyThere):
        backup_set.make(place, lambda _words: None)
    with pytest.raises(backup_set.AlreadyThere):
        backup_set.restore(place, content, lambda _words: None)

    done = hub(other_home, "restore", str(place))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "BROKEN" not in done.stdout and "audit" in done.stdout and "lake" in done.stdout
    [file] = [path for path in (other_home / "files").rglob("*") if path.is_file()]
    assert file.read_bytes() == b"the offer as it was signed"
    assert "login.company.example" in (other_home / "secrets.json").read_text()
    asked = hub(other_home, "query", "--at", "head", "SELECT count(*) AS n FROM raw_erp.sales_order", "--format", "csv")
    assert asked.stdout.split() == ["n", "1"], asked.stderr
    report = hub(other_home, "report", "trial-balance", "--company", "DEMO", "--format", "csv")
    assert "1122" in report.stdout, report.stderr
    again = hub(other_home, "restore", str(place))
    assert again.returncode == 1 and "overwrites nothing" in again.stderr


@pytest.mark.parametrize("damage", ["byte", "gone", "more", "unfinished"])
def test_a_damaged_backup_is_refused_before_anything_is_written(tmp_path: Path, damage: str) -> None:
    place = tmp_path / "backup"
    (place / "files").mkdir(parents=True)
    (place / "files" / "one").write_bytes(b"content")
    listed = {"format": 1, "databases": {}, "files": {"files/one": backup_set._hash(place / "files" / "one")}}
    (place / backup_set.LIST).write_text(json.dumps(listed))
    assert backup_set.read(place, lambda _words: None) == listed
    if damage == "byte":
        (place / "files" / "one").write_bytes(b"Content")
    elif damage == "gone":
        (place / "files" / "one").unlink()
    elif damage == "more":
        (place / "files" / "two").write_bytes(b"")
    else:
        (place / backup_set.LIST).unlink()
    with pytest.raises(backup_set.NoBackup):
        backup_set.read(place, lambda _words: None)


def test_a_row_that_differs_is_noticed(store: Store) -> None:
    def counted() -> dict:
        with psycopg.connect(hub_settings.database_url(None)) as database:
            return backup_set.counts_of(database)

    before = counted()
    assert before == counted()
    with psycopg.connect(hub_settings.database_url(None)) as database:
        database.execute("UPDATE core.party SET name = name || ' ' WHERE id = (SELECT min(id) FROM core.party)")
        database.execute("UPDATE core.app_user SET name = name || ' ' WHERE username = 'sales'")
    after = counted()
    assert after["core.app_user"][0] == before["core.app_user"][0] and after["core.app_user"] != before["core.app_user"]
