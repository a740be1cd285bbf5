"""Conditions of approval rules: pure comparisons, by example."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from operational_app.oa.workflow.rules import Condition, Unreadable, all_hold, holds

VALUES = {
    "amount": Decimal("5000.00"),
    "day": date(2026, 3, 2),
    "kind": "service",
    "urgent": True,
    "lines": 3,
    "none": None,
}


@pytest.mark.parametrize(
    ("field", "operator", "operand", "expected"),
    [
        ("amount", "gt", "5000", False),
        ("amount", "ge", "5000", True),
        ("amount", "lt", "5000.01", True),
        ("amount", "le", "4999.99", False),
        ("amount", "eq", "5000", True),
        ("amount", "ne", "5000", False),
        ("day", "lt", "2026-03-03", True),
        ("kind", "in", "stocked, service", True),
        ("kind", "in", "stocked", False),
        ("urgent", "eq", "true", True),
        ("lines", "ge", "3", True),
        ("none", "empty", "", True),
        ("amount", "empty", "", False),
        ("none", "gt", "0", False),
        ("none", "ne", "1", True),
        ("unknown", "eq", "1", False),
    ],
)
def test_a_condition_compares_exactly(field: str, operator: str, operand: str, expected: bool) -> None:
    assert holds(Condition(field, operator, operand), VALUES) is expected


@pytest.mark.parametrize(("field", "operand"), [("amount", "much"), ("day", "soon"), ("urgent", "perhaps")])
def test_an_operand_of_another_kind_is_not_guessed_at(field: str, operand: str) -> None:
    with pytest.raises(Unreadable):
        holds(Condition(field, "eq", operand), VALUES)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [([], True), ([("amount", "gt", "1")], True), ([("amount", "gt", "1"), ("kind", "eq", "stocked")], False)],
)
def test_a_step_is_needed_when_all_its_conditions_hold(conditions: list[Any], expected: bool) -> None:
    assert all_hold([Condition(*parts) for parts in conditions], VALUES) is expected
