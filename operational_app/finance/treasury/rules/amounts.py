"""Amounts as banks write them into files: with grouped digits, a comma or a point before the decimals, full-width digits."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

MARKS = (".", ",")
WHOLE = re.compile(r"\d+|\d{1,3}(?P<mark>[,. '])\d{3}(?:(?P=mark)\d{3})*", re.ASCII)
# Of one such mark nobody knows whether it stands before decimals or groups thousands.
AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[,.]\d{3}", re.ASCII)


def plain(text: str) -> str:
    """The text with plain digits, signs and blanks."""
    return unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-").replace("\u2019", "'")


def is_ambiguous(text: str) -> bool:
    """Whether it could be a thousand as well as a number with three decimals, as 1,000 or 1.000."""
    return AMBIGUOUS.fullmatch(plain(text).lstrip("+-")) is not None


def decimal_mark(texts: Iterable[str]) -> str | None:
    """What stands before decimals in all of a file's amounts: . or , as those tell that can be read in one way only.

    None where none tells, or they contradict each other.
    """
    told = {mark for text in texts if (mark := _told_by(plain(text).lstrip("+-")))}
    return told.pop() if len(told) == 1 else None


def _told_by(text: str) -> str | None:
    if not any(mark in text for mark in MARKS) or AMBIGUOUS.fullmatch(text):
        return None
    last = max(MARKS, key=text.rfind)
    other = MARKS[1 - MARKS.index(last)]
    return last if text.count(last) == 1 else other


def read_amount(text: str, mark: str | None = None) -> Decimal | None:
    """An exact amount of at most four decimals; None where it is none, or could be two.

    Args:
        mark: what stands before decimals where the text itself does not tell.
    """
    unsigned = plain(text)
    sign = unsigned[0] if unsigned[:1] in ("+", "-") else ""
    unsigned = unsigned[len(sign) :].lstrip()
    decimals = mark if is_ambiguous(text) else _told_by(unsigned) or "."
    if decimals is None:
        return None
    whole, _mark, rest = unsigned.partition(decimals)
    grouped = WHOLE.fullmatch(whole or "0" if rest else whole)
    if grouped is None or grouped["mark"] == decimals or (rest and not re.fullmatch(r"\d+", rest, re.ASCII)):
        return None
    # As it was written but for groups: lines without a bank's reference are known again by this text.
    amount = Decimal(sign + re.sub("[^0-9]", "", whole) + (f".{rest}" if rest else ""))
    return amount if abs(amount) < 10**16 and amount == round(amount, 4) else None
