"""Verbs of planner and workshop: enter, release, issue, work, spoil, complete, close."""

from operational_app.erp.production.commands.materials import issue_components, return_components
from operational_app.erp.production.commands.orders import EnterProductionOrder, enter_production_order
from operational_app.erp.production.commands.output import close_production_order, complete_production

__all__ = [
    "EnterProductionOrder",
    "close_production_order",
    "complete_production",
    "enter_production_order",
    "issue_components",
    "return_components",
]
