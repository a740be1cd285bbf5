"""A table that changes its shape: let in, stopped or set aside, as its contract says, and told in words that help."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from connectors.base import Column, SourceError
from pipelines import contracts, lake
from pipelines.cli.source import source as command
from tests.pipelines.outside import Folder

NAME = "test_contract"


@pytest.fixture
def shop(hub_server: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    lake.create()
    monkeypatch.setenv("HUB_CONTRACTS", str(tmp_path / "contracts"))
    folder = tmp_path / "files"
    folder.mkdir()
    shop = Folder(NAME, folder)
    shop.put("price", "id,amount,note\n1,1.50,\n2,20.00,\n")
    yield shop
    shop.forget()


def agreed(policy: str, contract: dict[str, str], **arrived: str) -> dict[str, str]:
    columns = [Column(name, kind, name) for name, kind in arrived.items()]
    found = contracts.agree("s", "t", policy, contract, columns, frozenset())
    return {column.name: column.type for column in found.columns} | {
        f"{name}!": kind for name, kind in found.misfits.items()
    }


@pytest.mark.parametrize(
    ("was", "comes", "becomes"),
    [
        ("BIGINT", "BIGINT", "BIGINT"),
        ("DECIMAL(18,2)", "BIGINT", "DECIMAL(18,2)"),
        ("DECIMAL(18,2)", "DECIMAL(18,1)", "DECIMAL(18,2)"),
        ("DECIMAL(18,2)", "DECIMAL(18,4)", "DECIMAL(38,4)"),
        ("BIGINT", "DECIMAL(18,2)", "DECIMAL(18,2)"),
        ("DECIMAL(10,2)", "DECIMAL(12,2)", "DECIMAL(12,2)"),
        ("DATE", "TIMESTAMP", "TIMESTAMP"),
        ("TIMESTAMP", "DATE", "TIMESTAMP"),
        ("VARCHAR", "BIGINT", "VARCHAR"),
        ("UNKNOWN", "DATE", "DATE"),
    ],
)
def test_a_type_grows_and_never_shrinks(was: str, comes: str, becomes: str) -> None:
    assert agreed("evolve", {"c": was}, c=comes) == {"c": becomes}


@pytest.mark.parametrize(("was", "comes"), [("DECIMAL(18,2)", "VARCHAR"), ("DATE", "BIGINT"), ("BOOLEAN", "VARCHAR")])
def test_a_type_that_does_not_fit_stops_or_sets_aside(was: str, comes: str) -> None:
    for policy in ("evolve", "freeze"):
        with pytest.raises(
            SourceError, match=f"raw_s.t has changed its shape: c was .* and comes as {comes}. Nothing was loaded"
        ):
            agreed(policy, {"c": was}, c=comes)
    assert agreed("quarantine", {"c": was}, c=comes) == {"c": was, "c!": was}


def test_new_and_missing_columns_follow_the_policy() -> None:
    contract = {"a": "BIGINT", "b": "DATE"}
    assert agreed("evolve", contract, a="BIGINT", b="DATE", c="DATE") == {"a": "BIGINT", "b": "DATE", "c": "DATE"}
    assert agreed("quarantine", contract, a="BIGINT", b="DATE", c="DATE") == {"a": "BIGINT", "b": "DATE"}
    with pytest.raises(SourceError, match=r"c \(DATE\) is new.*hub source accept s t 'c=DATE'"):
        agreed("freeze", contract, a="BIGINT", b="DATE", c="DATE")
    for policy in ("evolve", "freeze", "quarantine"):
        with pytest.raises(SourceError, match="b is gone.*hub source accept s t 'b=gone'"):
            agreed(policy, contract, a="BIGINT")


def test_drift_stops_the_load_and_an_accepted_change_is_a_line_in_a_file(shop: Folder) -> None:
    shop.register(tables={"price": {"key": ["id"]}})
    shop.load()
    shop.put("price", 'id,amount,note\n1,1.50,\n2,"1,000",\n')
    with pytest.raises(SourceError) as stopped:
        shop.load()
    assert "amount was DECIMAL(18,2) and comes as VARCHAR" in str(stopped.value)
    assert str(stopped.value).endswith(f"hub source accept {NAME} price 'amount=VARCHAR'")
    assert shop.rows("SELECT sum(amount) FROM raw.price")[0][0] == 21.5
    said = CliRunner().invoke(command, ["accept", NAME, "price", "amount=VARCHAR"])
    assert said.exit_code == 0 and "commit it" in said.output
    file = contracts.folder() / f"{NAME}.yml"
    assert file.read_text().splitlines()[-2:] == ["price:", "  amount: VARCHAR"]
    assert shop.load()["price"].status == "replaced"
    assert shop.rows("SELECT amount FROM raw.price ORDER BY id") == [("1.50",), ("1,000",)]
    assert ("price,amount,VARCHAR,true" in CliRunner().invoke(command, ["contract", NAME, "--format", "csv"]).output.lower()
            .replace("varchar", "VARCHAR"))  # fmt: skip


def test_a_column_that_was_always_empty_takes_any_type_and_text_stays_text(shop: Folder) -> None:
    shop.put("price", "id,code,note\n1,A7,\n")
    shop.register()
    shop.load()
    shop.put("price", "id,code,note\n1,7,2026-01-31\n")
    assert shop.load()["price"].status == "replaced"
    assert shop.rows("SELECT code, typeof(note) FROM raw.price") == [("7", "DATE")]


def test_a_frozen_table_lets_nothing_new_in(shop: Folder) -> None:
    shop.register(defaults={"contract": "freeze"})
    shop.load()
    shop.put("price", "id,amount,note,colour\n1,1.50,,red\n2,20.00,,blue\n")
    with pytest.raises(SourceError, match="colour"):
        shop.load()
    contracts.accept(NAME, "price", {"colour": "VARCHAR"})
    shop.load()
    assert shop.rows("SELECT colour FROM raw.price ORDER BY id") == [("red",), ("blue",)]
    shop.put("price", "id,amount,colour\n1,1.50,red\n")
    with pytest.raises(SourceError, match="note is gone"):
        shop.load()
    contracts.accept(NAME, "price", {"note": "gone"})
    assert shop.load()["price"].rows_after == 1
