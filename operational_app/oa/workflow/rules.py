"""Conditions of approvals: pure comparisons of a field or a fact with what a definition says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "in", "empty")


class Unreadable(ValueError):
    """The operand is no value of the field's kind."""


@dataclass(frozen=True)
class Condition:
    """One comparison, as data.

    Attributes:
        field: field of the document, or a live fact.
        operand: what it is compared with, as text; for `in` a list joined by commas.
    """

    field: str
    operator: str
    operand: str


def holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    """Whether a condition holds for these values. What is empty meets only `empty` and `ne`.

    Raises:
        Unreadable: the operand cannot be compared with the value.
    """
    value = values.get(condition.field)
    empty = value is None or value == "" or value == []
    if condition.operator == "empty":
        return empty
    if empty:
        return condition.operator == "ne"
    if condition.operator == "in":
        return any(value == _like(value, part.strip()) for part in condition.operand.split(","))
    wanted = _like(value, condition.operand.strip())
    if condition.operator in ("eq", "ne"):
        return (value == wanted) is (condition.operator == "eq")
    if condition.operator == "lt":
        return value < wanted
    if condition.operator == "le":
        return value <= wanted
    return value > wanted if condition.operator == "gt" else value >= wanted


def all_hold(conditions: list[Condition], values: Mapping[str, Any]) -> bool:
    return all(holds(condition, values) for condition in conditions)


def _like(value: Any, text: str) -> Any:
    """The operand as a value of the same kind."""
    try:
        if isinstance(value, bool):
            return {"true": True, "false": False}[text.lower()]
        if isinstance(value, (int, Decimal)):
            return Decimal(text)
        if isinstance(value, date):
            return date.fromisoformat(text)
    except (KeyError, ValueError, InvalidOperation) as error:
        raise Unreadable(text) from error
    return text
