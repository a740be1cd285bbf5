"""The books as other programs read them: equal to our trial balance to the last unit, in every currency."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from operational_app import cli
from tests.commandline import hub
from tests.conftest import Store
from tests.finance.books import Balances, hledger, hledger_balances, read_beancount

# Exchanges, a revaluation (no amount, a value), a commodity with digits in its name, awkward texts.
BOOKS = """date,entry_id,line,account,debit,credit,currency,description,company_debit,company_credit
2026-01-05,1,1,1002,1000000.00,,CNY,"Capital; paid in | by ""the"" owners",,
2026-01-05,1,2,4001,,1000000.00,CNY,,,
2026-02-01,2,1,1012,1000,,USD,Dollars bought,7200.00,
2026-02-01,2,2,1002,,7200,CNY,Dollars bought,,
2026-02-02,3,1,1012,10.0001,,EUR,Not valued,,
2026-02-02,3,2,6602,,10.0001,EUR,Not valued,,
2026-02-28,4,1,1012,0,,USD,Revaluation,50.00,
2026-02-28,4,2,6061,,50.00,CNY,Revaluation,,
2026-03-01,5,1,Assets:Shares,3,,ACME2,Shares,900,
2026-03-01,5,2,1002,,900,CNY,Shares,,
2026-03-02,6,1,Petty cash 备用金,0.0001,,CNY,Smallest,,
2026-03-02,6,2,1002,,0.0001,CNY,Smallest,,
"""


@pytest.fixture
def books(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Store:
    file = tmp_path / "books.csv"
    file.write_text(BOOKS)
    said = hub(capsys, "import", "journal", file, "--company", "DEMO", "--create-accounts")
    assert said.code == 0, said.err
    return store


def trial_balance(capsys: pytest.CaptureFixture[str], company: str = "DEMO") -> list[dict[str, str]]:
    said = hub(capsys, "report", "trial-balance", "--company", company, "--format", "json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def balances(rows: list[dict[str, str]]) -> Balances:
    found = {(row["account"], row["currency"]): Decimal(row["balance"]) for row in rows}
    return {key: value for key, value in found.items() if value}


def export(capsys: pytest.CaptureFixture[str], file: Path, output_format: str) -> str:
    said = hub(capsys, "export", "ledger", "--company", "DEMO", "--format", output_format, "--output", file)
    assert said.code == 0, said.err
    return file.read_text()


def test_hledger_accepts_the_books_and_its_balances_are_the_trial_balance(
    books: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "demo.journal"
    export(capsys, file, "hledger")
    hledger(file, "check")
    hledger(file, "check", "accounts", "commodities")
    expected = balances(trial_balance(capsys))
    assert expected[("1012", "EUR")] == Decimal("10.0001")
    assert hledger_balances(file) == expected


def test_beancounts_syntax_is_kept_and_its_balances_are_the_trial_balance(
    books: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes, found = read_beancount(export(capsys, tmp_path / "demo.beancount", "beancount"))
    ours = {(codes[account], symbol): value for (account, symbol), value in found.items() if account in codes}
    assert ours == balances(trial_balance(capsys))


def test_what_is_exported_as_csv_is_the_same_books_in_another_company(
    books: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    books.run("administrator", "found_company", code="COPY", name="Copy", currency="CNY", chart="empty")
    first = tmp_path / "demo.csv"
    text = export(capsys, first, "csv")
    said = hub(capsys, "import", "journal", first, "--company", "COPY", "--create-accounts")
    assert said.code == 0, said.err
    assert trial_balance(capsys, "COPY") == trial_balance(capsys)
    again = tmp_path / "copy.csv"
    assert hub(capsys, "export", "ledger", "--company", "COPY", "--output", again).code == 0
    assert again.read_text() == text
    values = "SELECT sum(l.company_debit), sum(l.debit) FROM finance.journal_line l GROUP BY l.company_id"
    assert len(set(books.rows(values))) == 1
    books.verify()


def test_the_books_go_to_standard_output(books: Store, capsys: pytest.CaptureFixture[str]) -> None:
    said = hub(capsys, "export", "ledger", "--company", "DEMO", "--format", "hledger")
    assert said.code == 0
    assert '2026-01-05 (JE-2026-00001) Capital, paid in / by "the" owners' in said.out
    assert "    1012  1000 USD @@ 7200 CNY" in said.out
    assert '    Assets:Shares  3 "ACME2" @@ 900 CNY' in said.out
    assert "    (1012)  0 USD  ; 50 CNY" in said.out


def test_a_company_without_entries_and_a_company_that_is_not_there_are_told(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    said = hub(capsys, "export", "ledger", "--company", "DEMO")
    assert (said.code, said.err) == (cli.REFUSED, "hub: DEMO has no entries to export.\n")
    said = hub(capsys, "export", "ledger", "--company", "NOWHERE")
    assert (said.code, said.err) == (cli.REFUSED, "hub: There is no company NOWHERE that you may see.\n")
    assert hub(capsys, "export", "ledger", "--company", "DEMO", "--as", "warehouse").code == cli.REFUSED
