"""The page of customers and sales."""

from dashboards.boards.blocks import Breakdown, Cards, Chart, Charts, Pivot
from dashboards.boards.board import Board, Section
from dashboards.boards.expected import Expected, ExpectedBy
from dashboards.i18n import _

SALES = Board(
    "sales",
    _("Customers and sales"),
    "storefront",
    _("Who buys what, with which margin, who buys less than before, and which deals are open?"),
    (
        Section(
            "overview",
            _("Overview"),
            (
                Cards(
                    (
                        "revenue",
                        "margin",
                        "margin_share",
                        "sales_order_amount",
                        "sales_order_count",
                        "opportunity_weighted",
                    )
                ),
                Charts(
                    (
                        Chart(_("Revenue and margin"), (("revenue", "bar"), ("margin", "line"))),
                        Chart(_("Orders received"), (("sales_order_amount", "bar"),)),
                    )
                ),
                Breakdown(
                    "by_category",
                    _("By category of items"),
                    ("item_category",),
                    ("revenue", "margin", "margin_share"),
                    compared=True,
                ),
            ),
        ),
        Section(
            "customers",
            _("Customers"),
            (
                Breakdown(
                    "top_customers",
                    _("Top customers"),
                    ("customer",),
                    ("revenue", "margin", "margin_share"),
                    compared=True,
                ),
                Breakdown(
                    "falling_customers",
                    _("Customers that buy less"),
                    ("customer",),
                    ("revenue",),
                    compared=True,
                    falling=True,
                ),
            ),
        ),
        Section(
            "items",
            _("Items"),
            (
                Breakdown(
                    "top_items",
                    _("Top items"),
                    ("item",),
                    ("revenue", "margin", "margin_share"),
                    compared=True,
                    most=20,
                ),
                Breakdown(
                    "falling_items",
                    _("Items that sell less"),
                    ("item",),
                    ("revenue",),
                    compared=True,
                    falling=True,
                    most=10,
                ),
            ),
        ),
        Section(
            "orders",
            _("Orders"),
            (
                Breakdown(
                    "orders_by_customer",
                    _("Orders received by customer"),
                    ("customer",),
                    ("sales_order_amount", "sales_order_count"),
                    compared=True,
                    most=25,
                ),
            ),
        ),
        Section(
            "forecast",
            _("Forecast"),
            (
                Expected("sales_forecast", _("Revenue of the coming months"), "revenue"),
                ExpectedBy("demand_forecast", _("Demand by item"), "quantity_sold", "item"),
            ),
        ),
        Section(
            "opportunities",
            _("Opportunities"),
            (
                Cards(("opportunity_count", "opportunity_amount", "opportunity_weighted")),
                Breakdown(
                    "by_stage",
                    _("Open opportunities by stage"),
                    ("stage",),
                    ("opportunity_amount", "opportunity_count", "opportunity_weighted"),
                    bars=True,
                ),
            ),
        ),
        Section(
            "open",
            _("Open items"),
            (
                Cards(("receivables", "receivable_overdue")),
                Pivot(
                    "customers_by_age",
                    _("Open items of customers"),
                    "receivable_open",
                    ("customer", "currency"),
                    "ageing",
                ),
            ),
        ),
    ),
)
