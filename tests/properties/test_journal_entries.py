"""Balance of journal entries and the reading of journal files, for every input."""

import csv
import io
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from operational_app.finance.journal_import.rules import read_journal
from operational_app.finance.ledger.rules import Posting, differences, gathered, is_account_code
from operational_app.finance.ledger_export.rules import Account as ExportedAccount
from operational_app.finance.ledger_export.rules import Entry, Line, as_csv, beancount_accounts, beancount_commodities

AMOUNTS = st.decimals(min_value=Decimal("-1e9"), max_value=Decimal("1e9"), places=4)
CURRENCIES = st.sampled_from(["CNY", "USD", "JPY", "ACME2"])
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20).map(
    lambda text: text.strip() or "x"
)
WORDS = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters=';"()[]{}|*!#=@~:'), min_size=1, max_size=6
)
CODES = st.builds(str.join, st.sampled_from([" ", ":", ".", "-"]), st.lists(WORDS, min_size=1, max_size=3)).filter(
    is_account_code
)


@given(st.lists(st.tuples(AMOUNTS, CURRENCIES), max_size=12))
def test_differences_are_the_sums_and_a_balancing_line_leaves_none(lines: list[tuple[Decimal, str]]) -> None:
    postings = [Posting(account=1, amount=amount, currency=currency) for amount, currency in lines]
    found = differences(postings)
    for currency in {currency for _amount, currency in lines}:
        assert found.get(currency, 0) == sum(amount for amount, c in lines if c == currency)
    assert 0 not in found.values()
    balancing = [Posting(account=2, amount=-amount, currency=currency) for currency, amount in found.items()]
    assert differences([*postings, *balancing]) == {}


@given(st.lists(AMOUNTS, max_size=12))
def test_gathering_leaves_out_zeros_only_and_keeps_the_order(amounts: list[Decimal]) -> None:
    kept = [posting.amount for posting in gathered([Posting(account=1, amount=amount) for amount in amounts])]
    assert kept == [amount for amount in amounts if amount]


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Entries that balance in each currency of theirs."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        lines: list[Line] = []
        for currency in draw(st.lists(CURRENCIES, min_size=1, max_size=2, unique=True)):
            amounts = draw(st.lists(AMOUNTS.filter(bool), min_size=1, max_size=4))
            rest = -sum(amounts)
            for amount in [*amounts, rest] if rest else [*amounts, Decimal(1), Decimal(-1)]:
                own = amount if currency == "CNY" else Decimal(0)
                lines.append(
                    Line(
                        len(lines) + 1, draw(CODES), draw(TEXTS), "asset", draw(TEXTS), currency,
                        max(amount, Decimal(0)), max(-amount, Decimal(0)), max(own, Decimal(0)), max(-own, Decimal(0)),
                    )
                )  # fmt: skip
        day = draw(st.dates(date(1990, 1, 1), date(2200, 12, 31)))
        found.append(Entry(f"JE-{number}", str(number), day, draw(TEXTS), False, lines))
    return found


@settings(max_examples=40)
@given(entries())
def test_what_the_export_writes_the_import_reads_back_exactly(written: list[Entry]) -> None:
    read = read_journal("".join(as_csv("CNY", written)), "CNY")
    assert read.mistakes == {}
    assert len(read.entries) == len(written)
    for ours, theirs in zip(written, read.entries, strict=True):
        assert (theirs.external_id, theirs.posting_date, theirs.is_exchange) == (
            ours.entry_id,
            ours.posting_date,
            False,
        )
        assert [(line.code, line.currency, line.amount, line.company_amount) for line in ours.lines] == [
            (line.account, line.currency, line.amount, line.company_debit - line.company_credit)
            for line in theirs.lines
        ]


@settings(max_examples=40)
@given(entries(), st.integers(0, 3), st.decimals(min_value=Decimal("0.0001"), max_value=5, places=4))
def test_an_entry_that_is_off_by_anything_is_refused(written: list[Entry], which: int, off: Decimal) -> None:
    rows = list(csv.reader(io.StringIO("".join(as_csv("CNY", written)))))
    heading, row = rows[0], rows[1 + which % (len(rows) - 1)]
    side = heading.index("debit") if Decimal(row[heading.index("debit")]) else heading.index("credit")
    row[side] = str(Decimal(row[side]) + off)
    for name in ("company_debit", "company_credit"):
        row[heading.index(name)] = ""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    assert "differ by" in str(read_journal(text.getvalue(), "CNY").mistakes)


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_fail_otherwise_than_by_mistakes(text: str) -> None:
    read = read_journal(text, "CNY")
    assert read.mistakes and read.entries == []


@settings(max_examples=40)
@given(st.lists(CODES, min_size=1, max_size=8, unique=True))
def test_names_for_beancount_are_well_formed_and_different(codes: list[str]) -> None:
    import re

    from tests.finance.books import ACCOUNT

    names = beancount_accounts([ExportedAccount(code, "x", "asset", date(2026, 1, 1)) for code in codes])
    assert len(set(names.values())) == len(codes)
    assert all(re.fullmatch(ACCOUNT, name) for name in names.values())
    firsts = [part[0] for name in names.values() for part in name.split(":")]
    assert all(first.isupper() or first.isdecimal() for first in firsts)


@given(st.lists(st.from_regex(r"[^\W\d_][\w.'-]{0,19}", fullmatch=True), min_size=1, max_size=8, unique=True))
def test_symbols_for_beancount_are_well_formed_and_different(codes: list[str]) -> None:
    import re

    from tests.finance.books import SYMBOL

    symbols = beancount_commodities(codes)
    assert len(set(symbols.values())) == len(codes)
    assert all(re.fullmatch(SYMBOL, symbol) for symbol in symbols.values())
