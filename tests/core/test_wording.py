"""Amounts in sentences, and addresses in the plural."""

from datetime import date
from decimal import Decimal

import pytest

from operational_app.core.document import plural_of
from operational_app.core.errors import Refusal
from operational_app.core.i18n import language


class CreditSpent(Refusal):
    template = "{open} of {limit} for {quantity} pieces since {day}, order {number}"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("en", "1,130.00 of 1,000,000.125 for 12.5 pieces since 2026-03-02, order 7"),
        ("zh_Hans", "1,130.00 of 1,000,000.125 for 12.5 pieces since 2026-03-02, order 7"),
    ],
)
def test_a_refusal_writes_amounts_as_its_reader_does(code: str, sentence: str) -> None:
    refusal = CreditSpent(
        open=Decimal("1130.0000"),
        limit=Decimal("1000000.1250"),
        quantity=Decimal("12.500000"),
        day=date(2026, 3, 2),
        number=7,
    )
    with language(code):
        assert refusal.message == sentence


@pytest.mark.parametrize(
    ("noun", "plural"),
    [("order", "orders"), ("entry", "entries"), ("day", "days"), ("address", "addresses"), ("batch", "batches")],
)
def test_plurals_are_those_of_english(noun: str, plural: str) -> None:
    assert plural_of(noun) == plural
