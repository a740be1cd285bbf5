"""Random journals in several currencies: the trial balance here and hledger's are equal to the last unit."""

import csv
import json
import random
from decimal import Decimal
from pathlib import Path

import pytest

from tests.commandline import hub
from tests.conftest import Store
from tests.finance.books import hledger, hledger_balances, need_hledger

ACCOUNTS = ("1002", "1012", "2202", "4001", "6001", "6602", "Assets:Bank", "Expenses:Travel & food", "Liabilities:卡")
CURRENCIES = ("CNY", "USD", "JPY", "EUR", "X9", "Gold")
HEADING = (
    "date",
    "entry_id",
    "account",
    "debit",
    "credit",
    "currency",
    "description",
    "company_debit",
    "company_credit",
)


def random_journal(chance: random.Random, size: int) -> list[tuple[object, ...]]:
    """Entries balanced in one currency, in several, or exchanges balanced in CNY only."""
    rows: list[tuple[object, ...]] = []

    def amount(most: int = 10**11) -> Decimal:
        return Decimal(chance.randrange(1, chance.choice([10, 10**5, most]))).scaleb(-chance.randrange(5))

    def row(number: int, day: str, value: Decimal, currency: str, own: Decimal | None = None) -> None:
        sides = (value, "") if value > 0 else ("", -value)
        company = ("", "") if own is None else (own, "") if own > 0 else ("", -own)
        rows.append((day, number, chance.choice(ACCOUNTS), *sides, currency, f"entry {number}; “x”", *company))

    for number in range(size):
        day = f"{chance.choice([2024, 2025, 2026])}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        if chance.random() < 0.3:
            sold, bought = chance.sample(CURRENCIES, 2)
            own = amount()
            row(number, day, own if bought == "CNY" else amount(), bought, own)
            row(number, day, -own if sold == "CNY" else -amount(), sold, -own)
            continue
        for currency in chance.sample(CURRENCIES, chance.randint(1, 2)):
            parts = [amount() for _part in range(chance.randint(1, 4))]
            for part in parts:
                row(number, day, part, currency)
            row(number, day, -sum(parts), currency)
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_a_random_journal_has_the_same_balances_here_and_in_hledger(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    need_hledger()
    file, journal = tmp_path / "random.csv", tmp_path / "random.journal"
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([HEADING, *random_journal(random.Random(seed), 150)])
    said = hub(capsys, "import", "journal", file, "--company", "DEMO", "--create-accounts")
    assert said.code == 0, said.err
    said = hub(capsys, "export", "ledger", "--company", "DEMO", "--format", "hledger", "--output", journal)
    assert said.code == 0, said.err
    hledger(journal, "check", "accounts", "commodities")
    rows = json.loads(hub(capsys, "report", "trial-balance", "--company", "DEMO", "--format", "json").out)
    ours = {(row["account"], row["currency"]): Decimal(row["balance"]) for row in rows if Decimal(row["balance"])}
    assert len(ours) > 20
    assert hledger_balances(journal) == ours
    store.verify()
