"""Shares, turns and days that pages show beside the measures that they are made of."""

from dashboards.i18n import _
from dashboards.metrics.measure import Ratio

RATIOS: dict[str, Ratio] = {
    ratio.name: ratio
    for ratio in (
        Ratio(
            "margin_share", _("Margin %"), "margin", "revenue", "percent", True, _("Margin as a share of revenue."),
        ),
        Ratio(
            "profit_share", _("Profit %"), "result", "revenue", "percent", True, _("Profit as a share of revenue."),
        ),
        Ratio(
            "budget_share", _("Used %"), "budget_used", "budget", "percent", None, _("Used part of the year's budget."),
        ),
        Ratio(
            "received_share", _("Received %"), "quantity_received", "quantity_purchased", "percent", True,
            _("Received quantity as a share of the ordered one."),
        ),
        Ratio(
            "rejected_share", _("Rejected %"), "quantity_rejected", "quantity_received", "percent", False,
            _("Rejected quantity as a share of the received one."),
        ),
        Ratio(
            "yield_share", _("Yield"), "quantity_stocked", "quantity_planned", "percent", True,
            _("Quantity made as a share of the quantity planned."),
        ),
        Ratio(
            "scrap_share", _("Scrap %"), "quantity_scrapped", "quantity_planned", "percent", False,
            _("Quantity scrapped as a share of the quantity planned."),
        ),
        Ratio(
            "stock_turns", _("Stock turns"), "cost_of_goods_sold", "stock_value", "times", True,
            _("Cost of goods sold in twelve months over the value in stock now."), over="year", icon="autorenew",
        ),
        Ratio(
            "stock_cover", _("Stock cover"), "stock_value", "cost_of_goods_sold", "days", None,
            _("Days for which the stock lasts at the cost of goods sold of the last twelve months."), over="year",
            icon="calendar_month",
        ),
        Ratio(
            "slow_share", _("Slow %"), "stock_slow", "stock_value", "percent", False,
            _("Value of slow stock as a share of the stock value."),
        ),
    )
}  # fmt: skip
