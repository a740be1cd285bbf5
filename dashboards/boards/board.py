"""What a page is made of: a board with sections, each a few blocks."""

from dataclasses import dataclass

from dashboards.boards.blocks import Block, Breakdown, Cards, Charts, Statement
from dashboards.boards.cash import CashWeeks
from dashboards.boards.expected import Expected, ExpectedBy
from dashboards.boards.view import measures_of
from dashboards.i18n import Text
from dashboards.metrics import Measure

AnyBlock = Block | CashWeeks | Expected | ExpectedBy


@dataclass(frozen=True)
class Section:
    """A part of a page that is shown at a time."""

    name: str
    title: Text
    blocks: tuple[AnyBlock, ...]


@dataclass(frozen=True)
class Board:
    """A page: its address, title, symbol, the questions that it answers, and its sections."""

    name: str
    title: Text
    icon: str
    question: Text
    sections: tuple[Section, ...]

    def measures(self) -> list[Measure]:
        """Every measure that some block of the page shows."""
        names = [name for section in self.sections for block in section.blocks for name in _names(block)]
        return measures_of(names)

    def drawn(self) -> list[str]:
        """Names of the measures that some chart over months draws."""
        blocks = [block for section in self.sections for block in section.blocks if isinstance(block, Charts)]
        return [name for block in blocks for name in _names(block)]


def _names(block: AnyBlock) -> list[str]:
    if isinstance(block, Cards | Breakdown):
        return list(block.names)
    if isinstance(block, Charts):
        return [name for chart in block.charts for name, _mark in chart.series]
    if isinstance(block, Statement) and block.result:
        return [block.measure, block.result, "budget"]
    return [block.measure]
