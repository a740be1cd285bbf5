"""From the text of a file to entries that balance; every mistake with its row and column. Knows no database.

Columns: date, entry_id, account, debit, credit, currency, description; optional line, account_name, account_type,
company_debit, company_credit. Comma, semicolon or tab between them. Rows of one entry share their entry_id, wherever
they stand. Row 1 is the heading, as in a spreadsheet.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from operational_app.core.i18n import _
from operational_app.finance.ledger.rules import ACCOUNT_TYPES, is_account_code

REQUIRED = ("date", "entry_id", "account", "debit", "credit", "currency", "description")
OPTIONAL = ("line", "account_name", "account_type", "company_debit", "company_credit")
ZERO = Decimal(0)
# A file with more mistakes than this shows the first ones and their number.
MOST_MISTAKES = 50

AMOUNT = re.compile(r"\d{1,16}(?:\.\d*)?|\.\d+")
DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
# Currencies and commodities: CNY, USD, AAPL, BTC; what hledger and spreadsheets can write without confusion.
CURRENCY = re.compile(r"[^\W\d_][\w.'-]{0,19}")


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """One row. Amounts in the company's currency are None where the file does not give them."""

    row: int
    place: int | None
    account: str
    currency: str
    debit: Decimal
    credit: Decimal
    company_debit: Decimal | None
    company_credit: Decimal | None
    description: str | None

    @property
    def amount(self) -> Decimal:
        return self.debit - self.credit


@dataclass(slots=True)
class ImportedEntry:
    """Rows that share an entry_id."""

    external_id: str
    posting_date: date
    description: str
    first_row: int
    lines: list[ImportedLine] = field(default_factory=list)
    is_exchange: bool = False


@dataclass
class ImportedJournal:
    """What a file says.

    Attributes:
        accounts: code → (name, type) as the file gives them; empty text where it does not.
        currencies: code → most decimals that an amount of it has.
        mistakes: "row 5, debit" → what is wrong there; when there is any, nothing else counts.
    """

    entries: list[ImportedEntry] = field(default_factory=list)
    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    currencies: dict[str, int] = field(default_factory=dict)
    mistakes: dict[str, object] = field(default_factory=dict)
    mistake_count: int = 0

    def wrong(self, row: int, column: str, why: object) -> None:
        self._add(_("row {row}, {column}").format(row=row, column=column), why)

    def wrong_entry(self, entry: ImportedEntry, why: object) -> None:
        place = _("entry {entry_id}, from row {row}")
        self._add(place.format(entry_id=entry.external_id, row=entry.first_row), why)

    def _add(self, place: str, why: object) -> None:
        self.mistake_count += 1
        if len(self.mistakes) < MOST_MISTAKES:
            self.mistakes.setdefault(place, why)


def read_journal(content: str, own_currency: str) -> ImportedJournal:
    """The entries of a file, or its mistakes. Amounts are exact, or refused.

    Args:
        own_currency: the company's currency; a line in it has the same amount in both.
    """
    journal = ImportedJournal()
    # Line ends as any program writes them; Python's strict reader takes a lone carriage return for a mistake.
    rows = _rows(content.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), journal)
    if rows is not None:
        _gather(journal, rows)
        if not journal.entries and not journal.mistakes:
            journal.wrong(2, "date", _("The file holds no entries."))
        for entry in journal.entries:
            _complete(journal, entry, own_currency)
    return journal


def _rows(content: str, journal: ImportedJournal) -> Iterator[tuple[int, dict[str, str]]] | None:
    """Row number and cells by column; None where the heading is wrong."""
    heading = content.split("\n", 1)[0]
    found: list[str] = []
    delimiter = ","
    try:
        for candidate in (",", ";", "\t"):
            names = next(csv.reader([heading], delimiter=candidate), [])
            if len(names) > len(found):
                found, delimiter = [name.strip().lower().replace(" ", "_") for name in names], candidate
    except csv.Error as error:
        journal.wrong(1, REQUIRED[0], _("This is no well-formed CSV: {why}.").format(why=error))
    for name in REQUIRED:
        if name not in found:
            journal.wrong(1, name, _("This column is missing."))
    for name in dict.fromkeys(found):
        if name not in REQUIRED + OPTIONAL:
            known = ", ".join(REQUIRED + OPTIONAL)
            journal.wrong(1, name or "?", _("This column is not known. Columns are: {known}.").format(known=known))
        elif found.count(name) > 1:
            journal.wrong(1, name, _("This column is there twice."))
    return None if journal.mistakes else _cells(content, found, delimiter, journal)


def _cells(
    content: str, names: list[str], delimiter: str, journal: ImportedJournal
) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1 or not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                sentence = _("The row has {found} cells, the heading has {wanted}.")
                journal.wrong(number, names[0], sentence.format(found=len(cells), wanted=len(names)))
                continue
            yield number, {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    except csv.Error as error:
        journal.wrong(number + 1, names[0], _("This is no well-formed CSV: {why}.").format(why=error))


def _gather(journal: ImportedJournal, rows: Iterator[tuple[int, dict[str, str]]]) -> None:
    """Collect rows into entries, in the order in which entries begin."""
    entries: dict[str, ImportedEntry] = {}
    amounts: dict[str, Decimal | None] = {"": ZERO}
    days: dict[str, date | None] = {}
    for row, cells in rows:
        before = journal.mistake_count
        entry_id = cells["entry_id"]
        if not entry_id:
            journal.wrong(row, "entry_id", _("Fill in the id of the entry."))
        day = _day(cells["date"], days)
        if day is None:
            journal.wrong(row, "date", _("“{text}” is no date; write 2026-01-31.").format(text=cells["date"][:40]))
        line = _line(journal, row, cells, amounts)
        if journal.mistake_count > before or day is None or line is None:
            continue
        entry = entries.get(entry_id)
        if entry is None:
            description = cells["description"] or entry_id
            entry = entries[entry_id] = ImportedEntry(entry_id, day, description, row)
        elif entry.posting_date != day:
            sentence = _("Entry {entry_id} has another date in row {row}.")
            journal.wrong(row, "date", sentence.format(entry_id=entry_id, row=entry.first_row))
        entry.lines.append(line)
    journal.entries = list(entries.values())


def _day(text: str, known: dict[str, date | None]) -> date | None:
    if text not in known:
        parts = DAY.fullmatch(text)
        try:
            known[text] = date(*map(int, parts.groups())) if parts else None
        except ValueError:
            known[text] = None
    return known[text]


def _line(
    journal: ImportedJournal, row: int, cells: Mapping[str, str], amounts: dict[str, Decimal | None]
) -> ImportedLine | None:
    """One row as a line; None where something in it is wrong, which is then noted."""
    before = journal.mistake_count
    found: dict[str, Decimal | None] = {}
    for name in ("debit", "credit", "company_debit", "company_credit"):
        text = cells.get(name, "")
        if text not in amounts:
            amounts[text] = _amount(text)
        found[name] = amounts[text]
        if found[name] is None:
            sentence = _("“{text}” is no amount; write 1234.5678: at most 4 decimals, no sign, no separators.")
            journal.wrong(row, name, sentence.format(text=text[:40]))
    account, currency = cells["account"], cells["currency"]
    if not is_account_code(account):
        journal.wrong(row, "account", _("“{text}” cannot be an account.").format(text=account[:40]))
    if not CURRENCY.fullmatch(currency):
        journal.wrong(row, "currency", _("“{text}” is no currency; write CNY.").format(text=currency[:40]))
    account_type = cells.get("account_type", "")
    if account_type and account_type not in ACCOUNT_TYPES:
        known = ", ".join(ACCOUNT_TYPES)
        journal.wrong(row, "account_type", _("Types are: {known}.").format(known=known))
    place = cells.get("line", "")
    if place and not (place.isascii() and place.isdigit() and len(place) < 10):
        journal.wrong(row, "line", _("“{text}” is no line number.").format(text=place[:40]))
    if found["debit"] and found["credit"]:
        journal.wrong(row, "credit", _("Fill in either debit or credit."))
    if found["company_debit"] and found["company_credit"]:
        journal.wrong(row, "company_credit", _("Fill in either company_debit or company_credit."))
    if journal.mistake_count > before:
        return None
    _note(journal, cells, account, currency, found)
    given = bool(cells.get("company_debit") or cells.get("company_credit"))
    return ImportedLine(
        row=row,
        place=int(place) if place else None,
        account=account,
        currency=currency,
        debit=found["debit"] or ZERO,
        credit=found["credit"] or ZERO,
        company_debit=found["company_debit"] if given else None,
        company_credit=found["company_credit"] if given else None,
        description=cells["description"] or None,
    )


def _amount(text: str) -> Decimal | None:
    """An exact, unsigned amount of at most 4 decimals; zeros behind them are nothing."""
    if not text.isascii() or not AMOUNT.fullmatch(text):
        return None
    value = Decimal(text)
    return value if value == round(value, 4) else None


def _note(
    journal: ImportedJournal,
    cells: Mapping[str, str],
    account: str,
    currency: str,
    found: Mapping[str, Decimal | None],
) -> None:
    """Remember the account's name and type where they are given first, and the decimals of the currency."""
    name, kind = journal.accounts.get(account, ("", ""))
    journal.accounts[account] = (name or cells.get("account_name", ""), kind or cells.get("account_type", ""))
    decimals = journal.currencies.get(currency, 0)
    for side in ("debit", "credit"):
        value = found[side]
        if value:
            decimals = max(decimals, -int(value.normalize().as_tuple().exponent))
    journal.currencies[currency] = decimals


def _complete(journal: ImportedJournal, entry: ImportedEntry, own: str) -> None:
    """Fill in amounts in the company's currency, leave out lines of zero, and see that the entry balances."""
    given = any(line.company_debit is not None and line.currency != own for line in entry.lines)
    lines = []
    for line in entry.lines:
        in_company = _in_company_currency(line, own, given)
        if in_company is None:
            journal.wrong(line.row, "company_debit", _company_mistake(line, own))
            return
        debit, credit = in_company
        if line.debit or line.credit or debit or credit:
            lines.append(
                ImportedLine(
                    line.row, line.place, line.account, line.currency, line.debit, line.credit, debit, credit,
                    line.description,
                )
            )  # fmt: skip
    places = [line.place for line in lines]
    if None not in places:
        if len(set(places)) != len(places):
            journal.wrong_entry(entry, _("Two of its rows have the same line number."))
        lines.sort(key=lambda line: line.place or 0)
    entry.lines = lines
    _balance(journal, entry, given)


def _in_company_currency(line: ImportedLine, own: str, given: bool) -> tuple[Decimal, Decimal] | None:
    """Debit and credit in the company's currency; None where the file contradicts itself or leaves a gap.

    A foreign line of an entry without such amounts counts nothing in the company's currency: nobody has said its rate.
    """
    if line.currency == own:
        stated = (line.company_debit, line.company_credit)
        return (line.debit, line.credit) if stated in ((None, None), (line.debit, line.credit)) else None
    if not given:
        return ZERO, ZERO
    if line.company_debit is None or line.company_credit is None:
        return None
    crossed = (line.debit and line.company_credit) or (line.credit and line.company_debit)
    return None if crossed else (line.company_debit, line.company_credit)


def _company_mistake(line: ImportedLine, own: str) -> str:
    if line.currency == own:
        return _("A line in {currency}, the company's currency, has one amount, not two.").format(currency=own)
    if line.company_debit is None:
        return str(_("Other lines of the entry have an amount in the company's currency; this one lacks it."))
    return str(_("The amount in the company's currency stands on the other side."))


def _balance(journal: ImportedJournal, entry: ImportedEntry, given: bool) -> None:
    if len(entry.lines) < 2:
        journal.wrong_entry(entry, _("An entry needs at least two lines with an amount."))
        return
    sums: dict[str, Decimal] = {}
    total = ZERO
    for line in entry.lines:
        sums[line.currency] = sums.get(line.currency, ZERO) + line.amount
        total += (line.company_debit or ZERO) - (line.company_credit or ZERO)
    open_currencies = {currency: amount for currency, amount in sums.items() if amount}
    entry.is_exchange = bool(open_currencies) and given
    if open_currencies and not given:
        shown = ", ".join(f"{amount} {currency}" for currency, amount in open_currencies.items())
        journal.wrong_entry(entry, _("Debit and credit differ by {difference}.").format(difference=shown))
    elif total:
        sentence = _("Debit and credit differ by {difference} in the company's currency.")
        journal.wrong_entry(entry, sentence.format(difference=total))


def guessed_type(code: str, name: str, chart: str) -> str:
    """The type of an account that nobody has told, from its words, else from its first digit.

    Digits as in the charts that come with the hub: the Chinese one for `cas` (ASBE), the common one else.
    """
    words = (code.split(":")[0] + " " + name).lower()
    for kind, signs in TYPE_WORDS.items():
        if any(sign in words for sign in signs):
            return kind
    if chart == "cas":
        if code[:2] in ("64", "65", "66", "67", "68", "69"):
            return "expense"
        return CAS_DIGITS.get(code[:1], "asset")
    return COMMON_DIGITS.get(code[:1], "asset")


TYPE_WORDS = {
    "expense": ("expense", "费用", "支出"),
    "income": ("income", "revenue", "sales", "收入"),
    "liability": ("liabilit", "payable", "loan", "应付", "负债", "借款"),
    "equity": ("equity", "capital", "reserve", "retained", "资本", "公积"),
    "asset": ("asset", "bank", "cash", "receivable", "inventor", "应收", "存款", "现金", "存货"),
}
CAS_DIGITS = {"1": "asset", "2": "liability", "3": "asset", "4": "equity", "5": "cost", "6": "income"}
COMMON_DIGITS = {
    "1": "asset",
    "2": "liability",
    "3": "equity",
    "4": "income",
    "5": "expense",
    "6": "expense",
    "7": "expense",
    "8": "expense",
    "9": "expense",
}
