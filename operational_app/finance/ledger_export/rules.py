"""How the books are written for other programs. Amounts are exact; nothing is rounded, gathered or left out.

Accounts are called by their code, so that what another program says can be compared with our trial balance at once. A
line in a foreign currency of an entry that balances only in the company's currency carries its total in that currency
(`@@`), by which the other program balances the entry.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

# hledger and beancount know five types. Costs in progress are an asset until they are closed.
HLEDGER_TYPES = {"asset": "A", "cost": "A", "liability": "L", "equity": "E", "income": "R", "expense": "X"}
BEANCOUNT_ROOTS = {
    "asset": "Assets",
    "cost": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
}
CSV_COLUMNS = (
    "date", "entry_id", "line", "account", "account_name", "account_type", "debit", "credit", "currency",
    "description", "company_debit", "company_credit",
)  # fmt: skip
# Where an exchange puts what its currencies lack, in programs that balance each currency for itself.
CONVERSIONS = "Equity:Conversions"


@dataclass(frozen=True, slots=True)
class Account:
    code: str
    name: str
    type: str
    first_date: date


@dataclass(frozen=True, slots=True)
class Commodity:
    """A currency and how many decimals its amounts need."""

    code: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an entry; `amount` and `company_amount` are signed, debit positive."""

    line_no: int
    code: str
    account_name: str
    account_type: str
    description: str | None
    currency: str
    debit: Decimal
    credit: Decimal
    company_debit: Decimal
    company_credit: Decimal

    @property
    def amount(self) -> Decimal:
        return self.debit - self.credit

    @property
    def company_amount(self) -> Decimal:
        return self.company_debit - self.company_credit


@dataclass(frozen=True, slots=True)
class Entry:
    number: str
    entry_id: str
    posting_date: date
    description: str
    is_exchange: bool
    lines: list[Line]

    @property
    def has_value_only(self) -> bool:
        """Whether a line changes a value in the company's currency and no amount in its own: a revaluation."""
        return any(not line.amount and line.company_amount for line in self.lines)


def as_csv(own: str, entries: Iterable[Entry]) -> Iterator[str]:
    """The columns of `hub import journal`: what is written here can be read there."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for entry in entries:
        # Foreign amounts that nobody gave a value stay without one; a value of zero beside others is a value.
        valued = any(line.company_amount for line in entry.lines if line.currency != own)
        for line in entry.lines:
            company = ("", "")
            if valued or line.currency == own:
                company = (_plain(line.company_debit), _plain(line.company_credit))
            writer.writerow(
                (entry.posting_date.isoformat(), entry.entry_id, line.line_no, line.code, line.account_name,
                 line.account_type, _plain(line.debit), _plain(line.credit), line.currency,
                 line.description or entry.description, *company)
            )  # fmt: skip
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def as_hledger(
    company: str, own: str, accounts: Sequence[Account], commodities: Sequence[Commodity], entries: Iterable[Entry]
) -> Iterator[str]:
    """A journal that `hledger check accounts commodities` accepts and whose balances are our trial balance's.

    An entry with a revaluation cannot be said so that hledger balances it and keeps our balances: its lines are unbalanced
    virtual postings, in parentheses, which count in every balance.
    """
    yield f"; {_comment(company)}\n\n"
    for commodity in commodities:
        decimals = "." + "0" * commodity.decimals
        yield f"commodity {'1000' + decimals} {_hledger_commodity(commodity.code)}\n"
    yield "\n"
    for account in accounts:
        yield f"account {account.code}  ; type: {HLEDGER_TYPES[account.type]}, {_comment(account.name)}\n"
    for entry in entries:
        yield _hledger_entry(entry, own)


def _hledger_entry(entry: Entry, own: str) -> str:
    description = _comment(entry.description).replace("|", "/")
    text = [f"\n{entry.posting_date.isoformat()} ({entry.number}) {description}"]
    for line in entry.lines:
        account, cost, note = line.code, "", ""
        if entry.has_value_only:
            account = f"({account})"
            note = f"  ; {_plain(line.company_amount)} {own}"
        elif entry.is_exchange and line.currency != own:
            cost = f" @@ {_plain(abs(line.company_amount))} {_hledger_commodity(own)}"
        text.append(f"    {account}  {_plain(line.amount)} {_hledger_commodity(line.currency)}{cost}{note}")
    return "\n".join(text) + "\n"


def as_beancount(
    company: str, own: str, accounts: Sequence[Account], commodities: Sequence[Commodity], entries: Iterable[Entry]
) -> Iterator[str]:
    """A beancount file. Account codes become parts of names that beancount allows; metadata keep what they are here."""
    names = beancount_accounts(accounts)
    symbols = beancount_commodities([commodity.code for commodity in commodities])
    yield f'option "title" {_quoted(company)}\noption "operating_currency" "{symbols.get(own, own)}"\n\n'
    first = min((account.first_date for account in accounts), default=None)
    if first is not None:
        for code, symbol in symbols.items():
            yield f"{first.isoformat()} commodity {symbol}\n  code: {_quoted(code)}\n"
        yield f"{first.isoformat()} open {CONVERSIONS}\n"
    for account in accounts:
        yield f"{account.first_date.isoformat()} open {names[account.code]}\n"
        yield f"  code: {_quoted(account.code)}\n  name: {_quoted(account.name)}\n"
    for entry in entries:
        yield _beancount_entry(entry, own, names, symbols)


def _beancount_entry(entry: Entry, own: str, names: dict[str, str], symbols: dict[str, str]) -> str:
    text = [f"\n{entry.posting_date.isoformat()} * {_quoted(entry.description)}", f"  number: {_quoted(entry.number)}"]
    lacking: dict[str, Decimal] = {}
    for line in entry.lines:
        posting = f"  {names[line.code]}  {_plain(line.amount)} {symbols[line.currency]}"
        if entry.has_value_only:
            lacking[line.currency] = lacking.get(line.currency, Decimal(0)) - line.amount
        elif entry.is_exchange and line.currency != own:
            posting += f" @@ {_plain(abs(line.company_amount))} {symbols[own]}"
        text.append(posting)
    text += [f"  {CONVERSIONS}  {_plain(amount)} {symbols[code]}" for code, amount in lacking.items() if amount]
    return "\n".join(text) + "\n"


def beancount_accounts(accounts: Sequence[Account]) -> dict[str, str]:
    """Code → name for beancount: the type's root, then the parts of the code, each beginning with a capital or a digit.

    Characters that beancount does not allow become hyphens; two codes that would then be called the same get a number.
    """
    names: dict[str, str] = {}
    taken: set[str] = {CONVERSIONS}
    for account in accounts:
        root = BEANCOUNT_ROOTS[account.type]
        parts = [_beancount_part(part) for part in account.code.split(":")]
        if len(parts) > 1 and parts[0] == root:
            parts = parts[1:]
        name = wanted = ":".join([root, *parts])
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        taken.add(name)
        names[account.code] = name
    return names


def _beancount_part(part: str) -> str:
    part = re.sub(r"[^A-Za-z0-9\-]", lambda found: found[0] if found[0].isalpha() else "-", part)
    part = part[0].upper() + part[1:]
    return part if part[0].isdigit() or part[0].isupper() else "X" + part


def beancount_commodities(codes: Sequence[str]) -> dict[str, str]:
    """Code → symbol for beancount: capitals, digits and a few marks, 2 to 24 characters, a letter first."""
    symbols: dict[str, str] = {}
    for code in codes:
        symbol = re.sub(r"[^A-Z0-9'._\-]", "X", code.upper()).rstrip("'._-")
        symbol = wanted = symbol if len(symbol) > 1 else f"{symbol}X"
        number = 1
        while symbol in symbols.values():
            number += 1
            symbol = f"{wanted}-{number}"
        symbols[code] = symbol
    return symbols


def _plain(amount: Decimal) -> str:
    """All digits and no exponent; two decimals at least where there is a fraction at all."""
    text = format(amount.normalize(), "f")
    whole, point, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}" if point else text


def _hledger_commodity(code: str) -> str:
    return code if code.isalpha() else f'"{code}"'


def _comment(text: str) -> str:
    """One line, without the semicolon that begins a comment."""
    return " ".join(text.replace(";", ",").split())


def _quoted(text: str) -> str:
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'
