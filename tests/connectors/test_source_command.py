"""`hub source` as an engineer types it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines import lake, sources
from pipelines.cli.source import source

NAME = "test_command"


@pytest.fixture(scope="module", autouse=True)
def lakes(hub_server: object) -> None:
    lake.create()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "Staff.List.csv").write_text("StaffNo,Name,Salary\n007,Ann,5000.00\n008,Bob,\n")
    yield tmp_path
    if any(entry.source.name == NAME for entry in sources.registered()):
        sources.remove(NAME)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(source, list(arguments))


def add(folder: Path) -> Result:
    return run("add", NAME, "--url", str(folder), "--key", "staff_list=staff_no", "--confidential", "staff_list=salary")


def test_add_registers_a_source_and_says_what_comes_next(folder: Path) -> None:
    result = add(folder)
    assert result.exit_code == 0, result.output
    assert f"Registered {NAME}. {folder}: 1 files. Next: hub sync {NAME}" in result.output
    (listed,) = [row for row in json.loads(run("list", "--format", "json").output) if row["name"] == NAME]
    assert (listed["kind"], listed["url"]) == ("files", str(folder))
    assert listed["options"] == {"tables": {"staff_list": {"key": ["staff_no"], "confidential": ["salary"]}}}


def test_a_relative_folder_is_registered_by_its_full_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert run("add", NAME, "--url", folder.name).exit_code == 0
    assert sources.get(NAME).url == str(folder.resolve())


def test_discover_shows_tables_and_typed_columns(folder: Path) -> None:
    add(folder)
    assert json.loads(run("discover", NAME, "--format", "json").output) == [
        {
            "table_name": "staff_list",
            "origin": "Staff.List.csv",
            "rows": 2,
            "columns": 3,
            "key": "staff_no",
            "confidential": "salary",
        }
    ]
    columns = json.loads(run("discover", NAME, "--columns", "--format", "json").output)
    assert [(c["column_name"], c["type"], c["key"], c["confidential"], c["source_column"]) for c in columns] == [
        ("staff_no", "VARCHAR", True, False, "StaffNo"),
        ("name", "VARCHAR", False, False, "Name"),
        ("salary", "DECIMAL(18,2)", False, True, "Salary"),
    ]


def test_check_ends_with_an_error_code_when_a_source_cannot_be_read(folder: Path) -> None:
    add(folder)
    assert run("check", NAME).exit_code == 0
    (folder / "Staff.List.csv").unlink()
    result = run("check", NAME, "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.output)[0]["state"] == "failed"


def test_remove_forgets_a_source(folder: Path) -> None:
    add(folder)
    assert run("remove", NAME).exit_code == 0
    result = run("remove", NAME)
    assert result.exit_code != 0
    assert "no source" in str(result.exception)


@pytest.mark.parametrize("word", ["nonsense", "=x", "t="])
def test_a_key_that_is_no_pair_is_wrong_use(folder: Path, word: str) -> None:
    assert run("add", NAME, "--url", str(folder), "--key", word).exit_code == 2


@pytest.mark.parametrize("command", sorted(source.commands))
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Example: hub source {command}" in " ".join(result.output.split())
