"""Known data sets: how a folder is recognised, and what a registration may change of what a profile says."""

from pathlib import Path

import pytest

from connectors.base import Source, SourceError, TableOptions
from connectors.files import Files, profile

PAY = "HumanResources.EmployeePayHistory.csv"
PAY_TABLE = "human_resources_employee_pay_history"


def options_of(folder: Path, **options: object) -> TableOptions:
    (folder / PAY).write_text("BusinessEntityID,RateChangeDate,Rate\n1,2009-01-14,125.5000\n")
    (ref,) = Files(Source("s", "files", str(folder), options)).tables()
    return ref.options


def test_one_telling_file_is_enough_to_keep_pay_confidential(tmp_path: Path) -> None:
    assert options_of(tmp_path).all_confidential
    assert profile.recognise(tmp_path).source == "adventureworks"


def test_a_folder_that_tells_nothing_has_no_profile(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("n\n1\n")
    assert profile.recognise(tmp_path) is None


def test_a_single_file_is_recognised_like_its_folder(tmp_path: Path) -> None:
    options_of(tmp_path)
    (ref,) = Files(Source("s", "files", str(tmp_path / PAY))).tables()
    assert (ref.name, ref.options.all_confidential) == (PAY_TABLE, True)


def test_naming_a_key_leaves_confidential_what_was(tmp_path: Path) -> None:
    options = options_of(tmp_path, tables={PAY_TABLE: {"key": ["business_entity_id"]}})
    assert options.all_confidential and options.key == ("business_entity_id",)


def test_saying_what_is_confidential_replaces_what_the_profile_says(tmp_path: Path) -> None:
    options = options_of(tmp_path, tables={PAY_TABLE: {"confidential": ["rate"]}})
    assert not options.all_confidential and options.confidential == {"rate"}
    assert options.key == ("business_entity_id", "rate_change_date")


def test_a_profile_can_be_switched_off_or_named(tmp_path: Path) -> None:
    assert options_of(tmp_path, profile="none") == TableOptions()
    assert options_of(tmp_path, profile="adventureworks").all_confidential
    with pytest.raises(SourceError, match="no profile “moon”"):
        options_of(tmp_path, profile="moon")


def test_options_for_tables_or_columns_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Options name nowhere"):
        options_of(tmp_path, tables={"nowhere": {"key": ["a"]}})


@pytest.mark.parametrize("name", sorted(profile.profiles()))
def test_every_table_of_a_profile_has_a_key_and_known_points_only(name: str) -> None:
    known = profile.named(name)
    assert known.recognise and set(known.company) == {"code", "name", "currency"}
    assert all(options.key for options in known.tables.values())
