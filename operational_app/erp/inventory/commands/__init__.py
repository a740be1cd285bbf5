"""Verbs about stock, and the only functions that change balances, values and moves.

`moving` moves stock, `balances` says what lies where and is promised, `lots` which lots, `costing` what it is worth;
`adjusting` and `valuing` are the clerk's and the accountant's verbs.
"""

from operational_app.erp.inventory.commands.adjusting import adjust_stock, post_adjustment
from operational_app.erp.inventory.commands.balances import release, reserve, reserve_what_is_free
from operational_app.erp.inventory.commands.costing import (
    correct_layers,
    correct_value,
    lock_valuation,
)
from operational_app.erp.inventory.commands.lots import LotGiven
from operational_app.erp.inventory.commands.moving import move_between, move_stock
from operational_app.erp.inventory.commands.valuing import change_valuation_method, set_standard_cost

__all__ = [
    "LotGiven",
    "adjust_stock",
    "change_valuation_method",
    "correct_layers",
    "correct_value",
    "lock_valuation",
    "move_between",
    "move_stock",
    "post_adjustment",
    "release",
    "reserve",
    "reserve_what_is_free",
    "set_standard_cost",
]
