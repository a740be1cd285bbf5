"""Reading bank statements: CSV, and CAMT.053 of ISO 20022. Pure: text in, lines and balances or mistakes out."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree
from xml.parsers import expat

from operational_app.core.i18n import Text, _
from operational_app.finance.treasury.rules import amounts

REQUIRED = ("date", "amount")
ZERO = Decimal(0)
# More mistakes than this are counted and not listed.
MOST_MISTAKES = 30


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One line as the bank has it.

    Attributes:
        amount: positive for money that came in.
        reference: the bank's own, or a fingerprint of the line where it gave none.
        balance: after this line, where the file has it.
    """

    day: date
    amount: Decimal
    reference: str
    party: str | None = None
    description: str | None = None
    balance: Decimal | None = None


@dataclass
class Statement:
    """What a file says.

    Attributes:
        account: number of the bank account, where the file names it.
        opening, closing: balances, where the file has them.
        mistakes: place in the file → what is wrong there.
    """

    lines: list[StatementLine] = field(default_factory=list)
    reference: str | None = None
    account: str | None = None
    currency: str | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None
    mistakes: dict[str, object] = field(default_factory=dict)

    def wrong(self, place: str, why: Text | str) -> None:
        if len(self.mistakes) < MOST_MISTAKES:
            self.mistakes.setdefault(place, why)

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


def read_statement(content: str) -> Statement:
    """Read a file of either kind; its balances must agree with its lines."""
    text = content.lstrip("\ufeff").strip()
    found = _read_camt(text) if text.startswith("<") else _read_csv(text)
    if not found.mistakes:
        if not found.lines:
            found.wrong("1", _("The file has no line that is booked."))
        _check_balances(found)
    return found


def normal_number(number: str) -> str:
    """A bank's account number as one compares it: without spaces, in capitals."""
    return "".join(number.split()).upper()


def _check_balances(found: Statement) -> None:
    if found.opening is not None and found.closing is not None and found.opening + found.total != found.closing:
        found.wrong(
            "balance",
            _("Opening {opening} and lines of {total} do not make the closing {closing}.").format(
                opening=found.opening, total=found.total, closing=found.closing
            ),
        )
    seen: set[str] = set()
    for line in found.lines:
        if line.reference in seen:
            found.wrong(line.reference, _("This reference occurs twice in the file."))
        seen.add(line.reference)


# ---- CSV ----


def _read_csv(text: str) -> Statement:
    found = Statement()
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    delimiter = max((",", ";", "\t"), key=rows[0].count)
    try:
        table = list(csv.reader(rows, delimiter=delimiter, strict=True))
    except csv.Error as error:
        found.wrong("1", _("This is no well-formed CSV: {why}.").format(why=error))
        return found
    heading = [name.strip().lower().replace(" ", "_") for name in table[0]]
    for name in REQUIRED:
        if name not in heading:
            found.wrong(f"1.{name}", _("This column is missing."))
    if found.mistakes:
        return found
    repeated: dict[tuple[str, ...], int] = {}
    lines = [dict(zip(heading, (cell.strip() for cell in cells), strict=False)) for cells in table[1:]]
    mark = amounts.decimal_mark(line.get(name, "") for line in lines for name in ("amount", "balance"))
    for number, row in enumerate(lines, start=2):
        if any(row.values()):
            _csv_line(found, number, row, repeated, mark)
    if found.lines and found.lines[0].day > found.lines[-1].day:
        # Many banks put the newest line first; a statement is told in the order of its days.
        found.lines.reverse()
    _csv_balances(found)
    return found


def _csv_line(
    found: Statement, number: int, row: dict[str, str], repeated: dict[tuple[str, ...], int], mark: str | None
) -> None:
    day = _day(row.get("date", ""))
    amount = amounts.read_amount(row.get("amount", ""), mark)
    balance = amounts.read_amount(row["balance"], mark) if row.get("balance") else None
    if day is None:
        found.wrong(f"{number}.date", _("Enter a date, such as 2026-11-30."))
    if amount is None or not amount:
        found.wrong(f"{number}.amount", _no_amount(row.get("amount", "")))
    if row.get("balance") and balance is None:
        found.wrong(f"{number}.balance", _no_amount(row["balance"]))
    if day is None or not amount:
        return
    reference = row.get("reference", "")
    if not reference:
        # Two lines that are alike in all they say are two lines: the second of a day is another than the first.
        what = (day.isoformat(), str(amount), row.get("party", ""), row.get("description", ""))
        repeated[what] = repeated.get(what, 0) + 1
        reference = _fingerprint(*what, str(repeated[what]))
    found.lines.append(
        StatementLine(
            day=day,
            amount=amount,
            reference=reference[:200],
            party=row.get("party") or None,
            description=row.get("description") or None,
            balance=balance,
        )
    )


def _csv_balances(found: Statement) -> None:
    """Opening and closing out of a column of running balances, each of which must follow from the one before."""
    if not found.lines or any(line.balance is None for line in found.lines):
        return
    running = found.opening = found.lines[0].balance - found.lines[0].amount  # type: ignore[operator]
    for line in found.lines:
        running += line.amount
        if running != line.balance:
            found.wrong(
                line.reference,
                _("The balance should be {expected}, and {found} is given.").format(
                    expected=running, found=line.balance
                ),
            )
            running = line.balance  # type: ignore[assignment]
    found.closing = found.lines[-1].balance


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _no_amount(text: str) -> Text:
    if amounts.is_ambiguous(text):
        return _("This may mean thousands or decimals, and no other amount of the file tells. Write it as 1,000.00.")
    return _("Enter a number, such as 12.50.")


def _fingerprint(*parts: str) -> str:
    return "sha256:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


# ---- CAMT.053 ----


class _Forbidden(Exception):
    """The document declares a type or entities: bank statements have none, attacks have."""


def _refuse_doctype(text: str) -> None:
    """Read the document once with a parser that stops at a DTD, before anything is expanded."""

    def stop(*_arguments: object) -> None:
        raise _Forbidden

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = stop
    parser.EntityDeclHandler = stop
    parser.Parse(text.encode(), True)


def _read_camt(text: str) -> Statement:
    found = Statement()
    # The text has been decoded already: what the file declared itself to be encoded in is no longer true.
    if text.startswith("<?xml"):
        text = text[text.find("?>") + 2 :].lstrip()
    try:
        _refuse_doctype(text)
        root = ElementTree.fromstring(text)
    except _Forbidden:
        found.wrong("1", _("The file declares a document type or entities; a bank statement has none."))
        return found
    except (expat.ExpatError, ElementTree.ParseError) as error:
        found.wrong("1", _("This is no well-formed XML: {why}.").format(why=error))
        return found
    # Banks use many versions of the schema, which differ in name space and not in what is read here.
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    statements = root.findall(".//BkToCstmrStmt/Stmt")
    if len(statements) != 1:
        found.wrong("Stmt", _("The file should hold one statement, and holds {count}.").format(count=len(statements)))
        return found
    [statement] = statements
    found.reference = _text(statement, "Id")
    found.account = _text(statement, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
    found.currency = _text(statement, "Acct/Ccy")
    for balance in statement.findall("Bal"):
        kind, amount = _text(balance, "Tp/CdOrPrtry/Cd"), _signed(found, balance, f"Bal {_text(balance, 'Amt')}")
        if kind in ("OPBD", "PRCD"):
            found.opening = amount
        elif kind == "CLBD":
            found.closing = amount
    for number, entry in enumerate(statement.findall("Ntry"), start=1):
        if _text(entry, "Sts/Cd", "Sts") in (None, "BOOK"):
            _camt_line(found, entry, number)
    return found


def _camt_line(found: Statement, entry: ElementTree.Element, number: int) -> None:
    place = f"Ntry {number}"
    amount = _signed(found, entry, place)
    day = _day(_text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm") or "")
    if day is None:
        found.wrong(f"{place}.BookgDt", _("Enter a date, such as 2026-11-30."))
    if amount is None or day is None:
        return
    paid = amount < 0
    details = "NtryDtls/TxDtls/"
    party = "Cdtr" if paid else "Dbtr"
    reference = _text(entry, "AcctSvcrRef", f"{details}Refs/AcctSvcrRef", "NtryRef")
    texts = [element.text.strip() for element in entry.findall(f"{details}RmtInf/Ustrd") if element.text]
    found.lines.append(
        StatementLine(
            day=day,
            amount=amount,
            reference=(reference or _fingerprint(found.reference or "", str(number), str(day), str(amount)))[:200],
            party=_text(entry, f"{details}RltdPties/{party}/Nm", f"{details}RltdPties/{party}/Pty/Nm"),
            description=" ".join(texts) or _text(entry, f"{details}Refs/EndToEndId", "AddtlNtryInf"),
        )
    )


def _signed(found: Statement, element: ElementTree.Element, place: str) -> Decimal | None:
    """Amount of an entry or balance, negative where it is a debit of the account."""
    # XML has its own way of writing numbers.
    amount = amounts.read_amount(_text(element, "Amt") or "", ".")
    side = _text(element, "CdtDbtInd")
    currency = element.find("Amt").get("Ccy") if element.find("Amt") is not None else None  # type: ignore[union-attr]
    if amount is None or side not in ("CRDT", "DBIT"):
        found.wrong(f"{place}.Amt", _("The amount or its side (CRDT, DBIT) cannot be read."))
        return None
    if currency and found.currency and currency != found.currency:
        found.wrong(f"{place}.Amt", _("The amount is in {currency}, the account is not.").format(currency=currency))
    found.currency = found.currency or currency
    return amount if side == "CRDT" else -amount


def _text(element: ElementTree.Element, *paths: str) -> str | None:
    """The first of these that is there and says something."""
    for path in paths:
        found = element.findtext(path)
        if found and found.strip():
            return found.strip()
    return None


# ---- Matching ----


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A document that a line may be.

    Attributes:
        names: what would name it in the line's text: its number, the other side's number of it.
    """

    document_type: str
    document_id: int
    amount: Decimal
    party: str
    names: tuple[str, ...] = ()


def strength(line: StatementLine, candidate: Candidate) -> int:
    """How well a candidate of the line's amount fits: 2 where the line's text names it, 1 more where the party is its own."""
    said = " ".join((line.reference, line.description or "")).casefold()
    party = (line.party or "").casefold()
    named = any(name and name.casefold() in said for name in candidate.names)
    return 2 * named + (bool(party) and candidate.party.casefold() == party)


def matching(line: StatementLine, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates of the line's amount, the best first."""
    fitting = [candidate for candidate in candidates if candidate.amount == line.amount]
    return sorted(fitting, key=lambda each: (-strength(line, each), each.document_type, each.document_id))


def the_one(line: StatementLine, candidates: Sequence[Candidate]) -> Candidate | None:
    """The candidate that a line is beyond doubt: of this amount, named by the line or its party's, and no other as good."""
    best = [candidate for candidate in matching(line, candidates) if strength(line, candidate)]
    if not best or (len(best) > 1 and strength(line, best[0]) == strength(line, best[1])):
        return None
    return best[0]
