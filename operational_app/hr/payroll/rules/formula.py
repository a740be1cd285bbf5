"""Formulas of pay components: a small grammar of its own, evaluated exactly. Nothing of Python is ever run.

    expression = comparison | sum
    comparison = sum ("<" | "<=" | ">" | ">=" | "=" | "<>") sum
    sum        = product (("+" | "-") product)*
    product    = factor (("*" | "/") factor)*
    factor     = number | name | name "(" expression ("," expression)* ")" | "(" expression ")" | "-" factor

Functions: min, max, round(value, decimals), if(condition, then, otherwise). A comparison is 1 or 0. `if` evaluates only the
branch that it takes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from functools import lru_cache

from operational_app.core.money import rounded

LONGEST_FORMULA = 500
DEEPEST = 40
# Enough for money times rates and quotients; an amount that needs more is refused by its column.
EXACT = Context(prec=50, traps=[DivisionByZero, InvalidOperation, Overflow])
TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([a-z_][a-z0-9_]*)|(<=|>=|<>|[-+*/(),<>=]))")
COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}
# Function → how many arguments, at least and at most.
FUNCTIONS = {"min": (1, 20), "max": (1, 20), "round": (2, 2), "if": (3, 3)}


class FormulaUnreadable(ValueError):
    """The text is no formula, or cannot be worked out. `where` is the place of the character, from 1; 0: nowhere."""

    def __init__(self, reason: str, where: int = 0) -> None:
        self.reason, self.where = reason, where
        super().__init__(reason)


@dataclass(frozen=True)
class Node:
    """A part of a formula: what it is (number, name, an operator or a function), its value, and its parts."""

    kind: str
    value: Decimal | str = ""
    parts: tuple["Node", ...] = ()


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        place, end = 0, len(text.rstrip())
        while place < end:
            found = TOKEN.match(text, place)
            if found is None:
                raise FormulaUnreadable("character", place + 1)
            kind = "number" if found[1] else "name" if found[2] else "sign"
            self.tokens.append((kind, found[found.lastindex or 0], found.start(found.lastindex or 0) + 1))
            place = found.end()
        self.tokens.append(("end", "", end + 1))
        self.at, self.depth = 0, 0

    @property
    def sign(self) -> str:
        kind, text, _place = self.tokens[self.at]
        return text if kind == "sign" else ""

    def take(self, sign: str) -> None:
        if self.sign != sign:
            raise FormulaUnreadable("expected", self.tokens[self.at][2])
        self.at += 1

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaUnreadable("depth", self.tokens[self.at][2])
        left = self.sum()
        if self.sign in COMPARISONS:
            sign = self.sign
            self.at += 1
            left = Node(sign, parts=(left, self.sum()))
        self.depth -= 1
        return left

    def sum(self) -> Node:
        left = self.product()
        while self.sign in ("+", "-"):
            sign = self.sign
            self.at += 1
            left = Node(sign, parts=(left, self.product()))
        return left

    def product(self) -> Node:
        left = self.factor()
        while self.sign in ("*", "/"):
            sign = self.sign
            self.at += 1
            left = Node(sign, parts=(left, self.factor()))
        return left

    def factor(self) -> Node:
        kind, text, place = self.tokens[self.at]
        if kind == "number":
            self.at += 1
            return Node("number", Decimal(text))
        if kind == "name":
            self.at += 1
            return self.call(text, place) if self.sign == "(" else Node("name", text)
        if text == "(":
            self.at += 1
            inner = self.expression()
            self.take(")")
            return inner
        if text == "-":
            self.at += 1
            self.depth += 1
            if self.depth > DEEPEST:
                raise FormulaUnreadable("depth", place)
            inner = self.factor()
            self.depth -= 1
            return Node("-", parts=(Node("number", Decimal(0)), inner))
        raise FormulaUnreadable("expected", place)

    def call(self, name: str, place: int) -> Node:
        if name not in FUNCTIONS:
            raise FormulaUnreadable("function", place)
        self.take("(")
        parts = [self.expression()]
        while self.sign == ",":
            self.at += 1
            parts.append(self.expression())
        self.take(")")
        least, most = FUNCTIONS[name]
        if not least <= len(parts) <= most:
            raise FormulaUnreadable("arguments", place)
        return Node(name, parts=tuple(parts))


@lru_cache(maxsize=4096)
def parsed(text: str) -> Node:
    """The formula, read once.

    Raises:
        FormulaUnreadable: says where.
    """
    if len(text) > LONGEST_FORMULA:
        raise FormulaUnreadable("length", LONGEST_FORMULA)
    reader = _Reader(text)
    found = reader.expression()
    if reader.tokens[reader.at][0] != "end":
        raise FormulaUnreadable("expected", reader.tokens[reader.at][2])
    return found


def names_in(node: Node) -> set[str]:
    """The variables that a formula asks for."""
    own = {str(node.value)} if node.kind == "name" else set()
    return own.union(*(names_in(part) for part in node.parts)) if node.parts else own


def evaluate(text: str, values: Mapping[str, Decimal]) -> Decimal:
    """What a formula comes to, unrounded.

    Raises:
        FormulaUnreadable: a name is not known, or something is divided by nothing.
    """
    try:
        with localcontext(EXACT):
            return _value(parsed(text), values)
    except KeyError as error:
        raise FormulaUnreadable("name " + str(error.args[0])) from error
    except (DivisionByZero, InvalidOperation, Overflow) as error:
        raise FormulaUnreadable("division") from error


def _value(node: Node, values: Mapping[str, Decimal]) -> Decimal:
    if node.kind == "number":
        return Decimal(node.value)
    if node.kind == "name":
        return values[str(node.value)]
    if node.kind == "if":
        return _value(node.parts[1] if _value(node.parts[0], values) else node.parts[2], values)
    parts = [_value(part, values) for part in node.parts]
    if node.kind in COMPARISONS:
        return Decimal(COMPARISONS[node.kind](parts[0], parts[1]))
    if node.kind == "min":
        return min(parts)
    if node.kind == "max":
        return max(parts)
    if node.kind == "round":
        if parts[1] != parts[1].to_integral_value() or not 0 <= parts[1] <= 6:
            raise FormulaUnreadable("decimals")
        return rounded(parts[0], int(parts[1]))
    left, right = parts
    if node.kind == "+":
        return left + right
    if node.kind == "-":
        return left - right
    return left * right if node.kind == "*" else left / right
