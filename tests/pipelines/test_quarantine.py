"""Rows that break a rule: held back with the reason, decided by a person, and never lost or counted wrongly."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connectors.base import SourceError
from pipelines import lake, quality, quarantine
from pipelines.cli.quarantine import quarantine as command
from tests.pipelines.outside import Folder

NAME = "test_held"
SALE = {
    "key": ["id"], "owner": "sales",
    "expect": {"positive": ["quantity"], "not_null": ["item"], "allowed": {"state": ["open", "paid"]},
               "between": {"rate": [0, 1]}, "not_negative": ["amount"], "not_zero": ["amount"]},
}  # fmt: skip
GOOD = "id,item,quantity,state,rate,amount\n1,chair,2,open,0.13,10.00\n2,table,1,paid,1,20.00\n"


@pytest.fixture
def shop(hub_server: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    lake.create()
    monkeypatch.setenv("HUB_CONTRACTS", str(tmp_path / "contracts"))
    folder = tmp_path / "files"
    folder.mkdir()
    shop = Folder(NAME, folder)
    shop.put("sale", GOOD)
    yield shop
    shop.forget()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def held() -> list[tuple[str, str]]:
    return [(entry.row_key, entry.reason) for entry in quarantine.entries(source=NAME)]


def test_a_planted_defect_of_each_kind_is_held_back_with_its_reason_and_the_rest_is_loaded(shop: Folder) -> None:
    shop.put(
        "sale",
        GOOD
        + "3,,1,open,0,1.00\n4,lamp,0,open,0,1.00\n5,lamp,1,lost,0,1.00\n6,lamp,1,open,1.5,1.00\n7,lamp,1,open,0,-1.00\n"
        + "8,lamp,1,open,0,0.00\n9,,-1,,2,0.00\n",
    )
    shop.register(tables={"sale": SALE})
    result = shop.load()["sale"]
    assert (result.inserted, result.quarantined, result.rows_after) == (2, 7, 2)
    assert [(key, sorted(reason.split("; "))) for key, reason in held()] == [
        ("3", ["item: not_null"]),
        ("4", ["quantity: positive"]),
        ("5", ["state: allowed ['open', 'paid']"]),
        ("6", ["rate: between [0, 1]"]),
        ("7", ["amount: not_negative"]),
        ("8", ["amount: not_zero"]),
        ("9", ["amount: not_zero", "item: not_null", "quantity: positive", "rate: between [0, 1]"]),
    ]
    assert shop.rows(f"SELECT quarantined, rows_after FROM meta.load_table WHERE source = '{NAME}'") == [(7, 2)]
    shop.put("sale", GOOD)
    assert shop.load()["sale"].quarantined == 0
    assert held() == [] and {entry.state for entry in quarantine.entries(source=NAME, state=None)} == {"resolved"}


def test_what_was_known_of_a_row_stays_while_its_new_version_waits(shop: Folder) -> None:
    shop.register(tables={"sale": SALE})
    shop.load()
    shop.put("sale", GOOD.replace("1,chair,2,", "1,chair,-2,"))
    result = shop.load()["sale"]
    assert (result.updated, result.deleted, result.quarantined) == (0, 0, 1)
    assert shop.rows("SELECT quantity FROM raw.sale WHERE id = 1") == [(2,)]
    assert shop.load(full=True)["sale"].quarantined == 1 and len(held()) == 1


def test_a_released_row_is_written_stays_and_passes_the_gate(shop: Folder) -> None:
    shop.register(tables={"sale": SALE})
    shop.load()
    shop.put("sale", GOOD + "3,refund,-1,open,0,5.00\n")
    shop.load()
    [entry] = quarantine.entries(source=NAME)
    shown = json.loads(run("show", str(entry.quarantine_id), "--format", "json").output)
    assert {"field": "owner", "value": "sales"} in shown and {"field": "row.quantity", "value": "-1"} in shown
    assert "Released" in run("release", str(entry.quarantine_id), "--by", "ann").output
    assert shop.rows("SELECT quantity, amount FROM raw.sale WHERE id = 3") == [(-1, Decimal("5.00"))]
    result = shop.load(full=True)["sale"]
    assert (result.inserted, result.updated, result.deleted, result.quarantined, result.rows_after) == (0, 0, 0, 0, 3)
    [entry] = quarantine.entries(source=NAME, state=None)
    assert (entry.state, entry.decided_by) == ("released", "ann")
    report = quality.gate()
    assert [sentence for sentence in report.failures if NAME in sentence] == []
    asked = shop.rows(
        f"SELECT rows_checked, expectations, expectations_failed, rows_waiting FROM meta.quality_history "
        f"WHERE table_name = 'raw_{NAME}.sale' ORDER BY checked_at DESC LIMIT 1"
    )
    assert asked == [(2, 9, 0, 0)]
    with pytest.raises(SourceError, match="does not wait any more: it was released by ann"):
        quarantine.discard(entry.quarantine_id, "bob")


def test_a_discarded_row_is_told_no_more_until_it_changes(shop: Folder) -> None:
    shop.register(tables={"sale": SALE})
    shop.put("sale", GOOD + "3,junk,-1,open,0,5.00\n")
    shop.load()
    [entry] = quarantine.entries(source=NAME)
    assert "Discarded" in run("discard", str(entry.quarantine_id)).output
    assert shop.load(full=True)["sale"].rows_after == 2 and held() == []
    shop.put("sale", GOOD + "3,junk,-2,open,0,5.00\n")
    shop.load()
    assert held() == [("3", "quantity: positive")]


def test_values_that_do_not_fit_and_keys_that_are_none_wait_under_that_policy(shop: Folder) -> None:
    shop.register(tables={"sale": {"key": ["id"], "contract": "quarantine"}})
    shop.load()
    shop.put(
        "sale",
        GOOD + '3,lamp,1.5,open,0,"1,000"\n4,lamp,1,open,0,1.005\n5,a,1,open,0,1\n5,b,1,open,0,1\n,c,1,open,0,1\n',
    )
    result = shop.load()["sale"]
    assert (result.rows_after, result.quarantined) == (2, 5)
    reasons = [reason for _key, reason in held()]
    assert reasons[0] == "quantity: no BIGINT; amount: no DECIMAL(18,2)" and reasons[1] == "amount: no DECIMAL(18,2)"
    assert reasons[2:] == ["id: key is not unique"] * 2 + ["id: key is empty"]
    first = quarantine.entries(source=NAME)[0]
    with pytest.raises(SourceError, match="cannot be written as it is"):
        quarantine.release(first.quarantine_id, "ann")


def test_a_held_row_with_confidential_columns_waits_in_the_encrypted_lake(shop: Folder) -> None:
    shop.register(tables={"sale": SALE | {"confidential": ["amount"]}})
    shop.put("sale", GOOD + "3,lamp,1,open,0,-7.00\n")
    shop.load()
    with lake.connect() as con:
        assert con.execute(f"SELECT count(*) FROM meta.quarantine WHERE source = '{NAME}'").fetchone() == (0,)
    [entry] = quarantine.entries(source=NAME)
    assert (entry.catalog, entry.row["amount"]) == ("confidential", "-7.00")
    quarantine.release(entry.quarantine_id, "ann")
    assert shop.rows("SELECT quantity, amount FROM raw.sale JOIN confidential.raw.sale USING (id) WHERE id = 3".replace(
        "confidential.raw.", f"confidential.raw_{NAME}.")) == [(1, Decimal("-7.00"))]  # fmt: skip


def test_every_command_has_help_with_an_example_and_says_when_nothing_waits(shop: Folder) -> None:
    for name in command.commands:
        assert "Example: hub quarantine" in " ".join(run(name, "--help").output.split())
    shop.register()
    assert "No row waits" in run("list", NAME).output
    missing: Any = run("show", "1").exception
    assert "no row 1 in quarantine" in str(missing)
