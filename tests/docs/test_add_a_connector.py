"""The connector in docs/developers/add-a-connector.md works as it stands there."""

import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import hub_settings
from connectors import base
from connectors.base import Source, SourceError, open_source
from pipelines import lake, load, sources

PAGE = hub_settings.ROOT / "docs" / "developers" / "add-a-connector.md"
NAME = "test_mail"

# What the file begins with.
IMPORTS = """
import hashlib
import mailbox
from collections.abc import Mapping
from gettext import gettext as _
from pathlib import Path
from typing import Any
import duckdb
from connectors import naming, records
from connectors.base import KINDS, Source, SourceError, TableData, TableOptions, TableRef
from connectors.typed import typed
"""
MAIL = "From x Thu Jan  1 00:00:00 2026\nMessage-ID: <{number}@x>\nSubject: {subject}\n\nHello\n\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The class on the page as a module of its own; taken back afterwards."""
    module = types.ModuleType("connectors.mbox")
    sys.modules["connectors.mbox"] = module
    exec(IMPORTS + "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)), module.__dict__)
    yield tmp_path
    base.KINDS.pop("mbox")
    sys.modules.pop("connectors.mbox")


def test_the_connector_on_the_page_loads_and_brings_what_changed(folder: Path, hub_server: object) -> None:
    lake.create()
    box = folder / "Sales.Inbox.mbox"
    box.write_text(MAIL.format(number=1, subject="Offer") + MAIL.format(number=2, subject="Order"))
    sources.add(NAME, "mbox", str(folder), {})
    try:
        [first] = load.load_source(NAME)
        assert (first.table_name, first.status, first.inserted) == ("sales_inbox", "loaded", 2)
        assert load.load_source(NAME)[0].status == "unchanged"
        box.write_text(MAIL.format(number=2, subject="Order, corrected") + MAIL.format(number=3, subject="Thanks"))
        [second] = load.load_source(NAME)
        assert (second.inserted, second.updated, second.deleted) == (1, 1, 1)
        with lake.connect() as con:
            assert con.execute(
                f"SELECT subject, typeof(bytes) FROM raw_{NAME}.sales_inbox ORDER BY subject"
            ).fetchall() == [
                ("Order, corrected", "BIGINT"),
                ("Thanks", "BIGINT"),
            ]
    finally:
        sources.remove(NAME, drop_tables=True)


def test_it_says_in_a_sentence_what_is_wrong(folder: Path) -> None:
    with pytest.raises(SourceError, match="There is no folder"):
        open_source(Source(NAME, "mbox", str(folder / "gone"))).check()
    with pytest.raises(SourceError, match="has no option colour"):
        open_source(Source(NAME, "mbox", str(folder), {"colour": "red"}))
    assert open_source(Source(NAME, "mbox", str(folder))).check().endswith("0 mailboxes")
