"""`hub import journal`: all or nothing, mistakes by row and column, nothing twice, and fast."""

import time
from decimal import Decimal
from pathlib import Path

import pytest

from operational_app import cli
from tests.commandline import Said, hub
from tests.conftest import Store

HEADING = "date,entry_id,account,debit,credit,currency,description\n"
GOOD = (
    HEADING
    + "2026-03-02,7,6602,10.50,,CNY,rent\n"
    + "2026-03-02,7,1002,,10.50,CNY,rent\n"
    + "2026-02-01,8,1002,3,,CNY,interest\n"
    + "2026-02-01,8,6603,,3,CNY,interest\n"
)


class Importing:
    def __init__(self, store: Store, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.store, self.folder, self.capsys = store, folder, capsys

    def __call__(self, text: str | bytes, *words: str, name: str = "journal.csv", company: str = "DEMO") -> Said:
        file = self.folder / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return hub(self.capsys, "import", "journal", file, "--company", company, *words)

    def lines(self) -> list[tuple]:
        return self.store.rows(
            "SELECT e.number, e.external_id, a.code, l.currency, l.debit - l.credit, l.company_debit - l.company_credit "
            "FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id "
            "JOIN finance.ledger_account a ON a.id = l.ledger_account_id ORDER BY e.number, l.line_no"
        )

    def refused(self, text: str, *words: str, **options: str) -> str:
        said = self(text, *words, **options)
        assert said.code == cli.REFUSED
        assert self.store.value("SELECT count(*) FROM finance.journal_entry") == 0
        assert self.store.value("SELECT count(*) FROM finance.journal_import") == 0
        return said.err


@pytest.fixture
def importing(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Importing:
    return Importing(store, tmp_path, capsys)


def test_entries_are_numbered_by_day_and_keep_their_own_id(importing: Importing) -> None:
    said = importing(GOOD)
    assert said.code == 0, said.err
    assert "JI-2026-00001: 2 entries, 4 lines imported" in said.err
    assert importing.lines() == [
        ("JE-2026-00001", "8", "1002", "CNY", 3, 3),
        ("JE-2026-00001", "8", "6603", "CNY", -3, -3),
        ("JE-2026-00002", "7", "6602", "CNY", Decimal("10.5"), Decimal("10.5")),
        ("JE-2026-00002", "7", "1002", "CNY", Decimal("-10.5"), Decimal("-10.5")),
    ]
    assert importing.store.rows("SELECT DISTINCT document_type, document_id FROM finance.journal_entry") == [
        ("journal_import", importing.store.value("SELECT id FROM finance.journal_import"))
    ]
    logged = "SELECT count(*) FROM core.change_log WHERE table_name = 'journal_line' AND command = 'import_journal'"
    assert importing.store.value(logged) == 4
    importing.store.verify()


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("entry_id", "Entry ID").replace("date", "Date", 1).encode(),
        GOOD.replace("\n2026-02", "\n\n,,,,,,\n2026-02").encode(),
        GOOD.replace("rent", '"rent, ""March""\n2026"').encode(),
    ],
    ids=["bom", "semicolons", "tabs", "crlf", "heading as a person writes it", "blank rows", "quotes and line breaks"],
)
def test_files_as_programs_write_them_are_read(importing: Importing, text: bytes) -> None:
    said = importing(text)
    assert said.code == 0, said.err
    assert len(importing.lines()) == 4


def test_a_workbook_is_read_from_its_first_sheet(importing: Importing, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for line in GOOD.splitlines():
        book.active.append([int(c) if c.isdigit() else c or None for c in line.split(",")])
    book.save(tmp_path / "book.xlsx")
    said = importing((tmp_path / "book.xlsx").read_bytes(), name="journal.xlsx")
    assert said.code == 0, said.err
    assert len(importing.lines()) == 4


@pytest.mark.parametrize(
    ("old", "new", "place", "why"),
    [
        ("10.50,,CNY", "ten,,CNY", "row 2, debit", "is no amount"),
        ("10.50,,CNY", "-10.50,,CNY", "row 2, debit", "is no amount"),
        ("10.50,,CNY", "1.23456,,CNY", "row 2, debit", "at most 4 decimals"),
        ("10.50,,CNY", '"1,050",,CNY', "row 2, debit", "is no amount"),
        (",,10.50,CNY", ",1,10.50,CNY", "row 3, credit", "either debit or credit"),
        ("2026-03-02,7,6602", "2026-02-30,7,6602", "row 2, date", "is no date"),
        ("2026-03-02,7,1002", "2026-03-03,7,1002", "row 3, date", "another date in row 2"),
        ("2026-03-02,7,6602", "2026-03-02,,6602", "row 2, entry_id", "Fill in"),
        ("3,,CNY,interest", "3,,,interest", "row 4, currency", "is no currency"),
        ("3,,CNY,interest", "3,,CNY", "row 4, date", "has 6 cells, the heading has 7"),
        ("2026-02-01,8,1002", "2026-02-01,8,a  b", "row 4, account", "cannot be an account"),
        (",,10.50,CNY", ",,10.49,CNY", "entry 7, from row 2", "differ by 0.01 CNY"),
        (",,10.50,CNY", ",,10.50,USD", "entry 7, from row 2", "differ by 10.50 CNY, -10.50 USD"),
        (",,10.50,CNY", ",,0,CNY", "entry 7, from row 2", "at least two lines"),
        ("credit,", "creditt,", "row 1, credit", "This column is missing"),
    ],
)
def test_a_mistake_is_told_by_row_and_column_and_nothing_is_imported(
    importing: Importing, old: str, new: str, place: str, why: str
) -> None:
    said = importing.refused(GOOD.replace(old, new, 1))
    assert "journal.csv has mistakes; nothing was imported." in said
    [line] = [line for line in said.splitlines() if line.strip().startswith(f"{place}:")]
    assert why in line


def test_many_mistakes_are_counted_and_the_first_shown(importing: Importing) -> None:
    said = importing.refused(HEADING + "".join(f"2026-03-02,{n},1002,x,,CNY,\n" for n in range(70)))
    assert "row 51, debit" in said and "row 52, debit" not in said
    assert "and 20 more mistakes" in said


def test_text_in_another_encoding_is_refused_with_what_to_do(importing: Importing) -> None:
    said = importing(GOOD.replace("rent", "Bürö").encode("latin-1"))
    assert said.code == cli.REFUSED and "CSV UTF-8" in said.err


def test_the_same_file_is_refused_the_second_time_and_so_is_an_entry_of_another_file(importing: Importing) -> None:
    assert importing(GOOD).code == 0
    again = importing(GOOD, name="renamed.csv")
    assert again.code == cli.REFUSED
    assert "renamed.csv was imported already, as JI-2026-00001" in again.err
    other = importing(GOOD.replace("rent", "rent again"))
    assert other.code == cli.REFUSED
    assert "These entries were imported already: 8 (JE-2026-00001), 7 (JE-2026-00002)." in other.err
    assert len(importing.lines()) == 4


def test_unknown_accounts_are_listed_or_made(importing: Importing) -> None:
    text = GOOD.replace("6602", "Expenses:Rent").replace("6603", "9999")
    assert "DEMO has no accounts 9999, Expenses:Rent. Add them, or import with --create-accounts." in importing.refused(
        text
    )
    assert importing(text, "--create-accounts").code == 0
    made = (
        "SELECT code, type, normal_side FROM finance.ledger_account WHERE code IN ('9999', 'Expenses:Rent') ORDER BY 1"
    )
    assert importing.store.rows(made) == [("9999", "asset", "debit"), ("Expenses:Rent", "expense", "debit")]
    importing.store.verify()


def test_names_and_types_of_new_accounts_come_from_the_file(importing: Importing) -> None:
    text = (
        "date,entry_id,account,account_name,account_type,debit,credit,currency,description\n"
        "2026-03-02,1,77,Till,asset,1,,CNY,x\n2026-03-02,1,88,Grants,income,,1,CNY,x\n"
    )
    assert importing(text, "--create-accounts").code == 0
    assert importing.store.rows(
        "SELECT name, type FROM finance.ledger_account WHERE code IN ('77', '88') ORDER BY 1"
    ) == [
        ("Grants", "income"),
        ("Till", "asset"),
    ]


def test_unknown_currencies_and_commodities_are_listed_or_made(importing: Importing) -> None:
    text = GOOD.replace("3,,CNY", "0.0003,,GOLD").replace(",3,CNY", ",0.0003,GOLD")
    assert "not known here: GOLD" in importing.refused(text)
    assert importing(text, "--create-accounts").code == 0
    assert importing.store.value("SELECT minor_units FROM core.currency WHERE code = 'GOLD'") == 4


def test_years_without_periods_are_named_or_opened_and_closed_periods_stay_closed(importing: Importing) -> None:
    text = GOOD.replace("2026-02", "2019-02")
    assert "DEMO has no periods in 2019." in importing.refused(text)
    assert "DEMO has no periods in 2019." in importing.refused(text, "--create-accounts", "--no-open-years")
    assert importing(text, "--open-years").code == 0
    assert [line[0] for line in importing.lines()][::2] == ["JE-2019-00001", "JE-2026-00001"]
    importing.store.close("2026-02")
    said = importing(GOOD.replace(",7,", ",17,").replace(",8,", ",18,"), "--create-accounts")
    assert said.code == cli.REFUSED and "Periods 2026-02 of DEMO are closed." in said.err


def test_an_exchange_balances_in_the_companys_currency_where_the_file_gives_it(importing: Importing) -> None:
    text = (
        "date,entry_id,account,debit,credit,currency,description,company_debit,company_credit\n"
        "2026-03-02,1,1012,100,,USD,buy,720.00,\n"
        "2026-03-02,1,1002,,720,CNY,buy,,\n"
        "2026-03-02,2,1012,5,,USD,unvalued,,\n"
        "2026-03-02,2,6602,,5,USD,unvalued,,\n"
    )
    assert importing(text).code == 0
    assert [line[3:] for line in importing.lines()] == [
        ("USD", 100, 720),
        ("CNY", -720, -720),
        ("USD", 5, 0),
        ("USD", -5, 0),
    ]
    assert importing.store.rows("SELECT is_exchange FROM finance.journal_entry ORDER BY number") == [(True,), (False,)]
    importing.store.verify()


@pytest.mark.parametrize(
    ("usd", "cny", "why"),
    [
        ("100,,USD,buy,720,", ",719,CNY,buy,,", "differ by 1 in the company's currency"),
        ("100,,USD,buy,,720", ",720,CNY,buy,,", "stands on the other side"),
        ("100,,USD,buy,720,", ",720,CNY,buy,,700", "has one amount, not two"),
        ("100,,USD,buy,720,", ",100,EUR,buy,,", "this one lacks it"),
    ],
)
def test_amounts_in_the_companys_currency_that_contradict_are_refused(
    importing: Importing, usd: str, cny: str, why: str
) -> None:
    heading = HEADING.rstrip() + ",company_debit,company_credit\n"
    assert why in importing.refused(f"{heading}2026-03-02,1,1012,{usd}\n2026-03-02,1,1002,{cny}\n")


def test_lines_stand_in_the_order_of_their_numbers(importing: Importing) -> None:
    text = (
        "date,entry_id,line,account,debit,credit,currency,description\n"
        "2026-03-02,1,20,1002,,5,CNY,x\n2026-03-02,1,10,6602,5,,CNY,x\n"
    )
    assert importing(text).code == 0
    assert [line[2] for line in importing.lines()] == ["6602", "1002"]
    assert "same line number" in importing(text.replace("20,", "10,").replace(",1,", ",2,")).err


def test_a_dry_run_checks_everything_and_saves_nothing(importing: Importing) -> None:
    said = importing(GOOD, "--dry-run")
    assert said.code == 0 and "journal.csv is fine: 2 entries, 4 lines; nothing was saved" in said.err
    assert importing.lines() == []
    assert importing(GOOD).code == 0


def test_who_may_not_import_is_refused(importing: Importing) -> None:
    assert "roles do not allow" in importing.refused(GOOD, "--as", "sales")
    assert importing(GOOD, "--as", "accountant").code == 0
    assert (
        importing.store.value("SELECT DISTINCT actor FROM core.change_log WHERE command = 'import_journal'")
        == "accountant"
    )


def test_an_import_leaves_the_control_accounts_of_documents_true(importing: Importing) -> None:
    """Old books bring receivables and stock without their documents; entries by hand there are refused."""
    assert importing(GOOD.replace("6602", "1122").replace("6603", "1405")).code == 0
    importing.store.verify()


def test_ten_thousand_entries_take_seconds(importing: Importing) -> None:
    """100,000 entries are to take about a minute; a tenth of them must not take a third of that."""
    rows = [HEADING]
    for n in range(10_000):
        rows.append(f"2026-{n % 12 + 1:02d}-05,{n},6602,{n}.01,,CNY,text of {n}\n")
        rows.append(f"2026-{n % 12 + 1:02d}-05,{n},1002,,{n}.01,CNY,text of {n}\n")
    started = time.monotonic()
    said = importing("".join(rows))
    assert said.code == 0, said.err
    assert time.monotonic() - started < 20
    assert importing.store.value("SELECT count(*) FROM core.change_log WHERE table_name = 'journal_line'") == 20_000
    importing.store.verify()
