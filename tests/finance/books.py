"""Other programs' view of exported books: hledger where it is installed, and a strict reader of beancount's syntax."""

import csv
import io
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

# (account code, currency) → balance, without zeros.
Balances = dict[tuple[str, str], Decimal]


def need_hledger() -> str:
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("needs hledger (Debian package hledger), which `hub test` installs where it may")
    return program


def hledger(journal: Path, *words: str) -> str:
    done = subprocess.run(
        [need_hledger(), "-f", str(journal), *words],
        check=False,
        capture_output=True,
        text=True,
        env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def hledger_balances(journal: Path) -> Balances:
    """What hledger makes of the journal, every amount as it prints it."""
    found: Balances = {}
    rows = csv.reader(io.StringIO(hledger(journal, "balance", "--flat", "--no-total", "--no-elide", "-O", "csv")))
    next(rows)
    for account, amounts in rows:
        for amount in re.findall(r'(-?[\d.]+)(?: ("[^"]+"|[^\s",]+))?', amounts):
            if amount[1]:
                found[(account, amount[1].strip('"'))] = Decimal(amount[0].rstrip("."))
    return {key: value for key, value in found.items() if value}


ACCOUNT = r"(?:Assets|Liabilities|Equity|Income|Expenses)(?::[^\W_a-z][A-Za-z0-9\-\u0080-\U0010ffff]*)+"
SYMBOL = r"[A-Z][A-Z0-9'._\-]{0,22}[A-Z0-9]"
NUMBER = r"-?\d+(?:\.\d+)?"
TEXT = r'"(?:[^"\\]|\\.)*"'
LINES = {
    "option": re.compile(rf"option {TEXT} {TEXT}"),
    "commodity": re.compile(rf"\d{{4}}-\d\d-\d\d commodity ({SYMBOL})"),
    "open": re.compile(rf"(\d{{4}}-\d\d-\d\d) open ({ACCOUNT})"),
    "entry": re.compile(rf"(\d{{4}}-\d\d-\d\d) \* {TEXT}"),
    "metadata": re.compile(rf"  [a-z]+: ({TEXT})"),
    "posting": re.compile(rf"  ({ACCOUNT})  ({NUMBER}) ({SYMBOL})(?: @@ ({NUMBER}) ({SYMBOL}))?"),
}


def read_beancount(text: str) -> tuple[dict[str, str], Balances]:
    """Account name → code, and balances by account name; every line must be one of beancount's, every entry balance."""
    codes: dict[str, str] = {}
    opened: dict[str, str] = {}
    balances: Balances = {}
    weights: dict[str, Decimal] = {}
    day = last = ""
    for line in [*text.splitlines(), ""]:
        if not line:
            assert not any(weights.values()), f"an entry of {day} does not balance: {weights}"
            weights = {}
            continue
        kind, found = next((k, m) for k, pattern in LINES.items() if (m := pattern.fullmatch(line)))
        if kind == "open":
            assert found[2] not in opened
            opened[found[2]] = found[1]
            last = found[2]
        elif kind == "metadata" and line.startswith("  code: ") and last:
            codes.setdefault(last, found[1][1:-1])
        elif kind == "entry":
            day = found[1]
        elif kind == "posting":
            account, amount, symbol, cost, own = found.groups()
            assert opened[account] <= day
            balances[(account, symbol)] = balances.get((account, symbol), Decimal(0)) + Decimal(amount)
            weight, currency = (Decimal(cost).copy_sign(Decimal(amount)), own) if cost else (Decimal(amount), symbol)
            weights[currency] = weights.get(currency, Decimal(0)) + weight
    return codes, {key: value for key, value in balances.items() if value}
