"""The pages of the managers, declared: which sections each has, and which cards, charts and tables of which measures.

What belongs here: declarations (`finance.py`, `sales.py`, `operations.py`), what a block shows (`blocks.py`), and the view
that it is asked for (`view.py`). Nothing is drawn here: `views/board.py` draws whatever is declared.
"""

from dashboards.boards.board import Board, Section
from dashboards.boards.finance import FINANCE
from dashboards.boards.operations import PEOPLE, PRODUCTION, SUPPLY
from dashboards.boards.sales import SALES

__all__ = ["BOARDS", "Board", "Section"]

BOARDS: tuple[Board, ...] = (FINANCE, SALES, SUPPLY, PRODUCTION, PEOPLE)
