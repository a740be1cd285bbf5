"""The pages of supply and stock, of production, and of people."""

from dashboards.boards.blocks import Breakdown, Cards, Chart, Charts
from dashboards.boards.board import Board, Section
from dashboards.i18n import _

SUPPLY = Board(
    "supply",
    _("Supply and stock"),
    "inventory_2",
    _("What lies in stock and for how long, what is late, and which suppliers deliver as ordered?"),
    (
        Section(
            "stock",
            _("Stock"),
            (
                Cards(("stock_value", "stock_turns", "stock_cover", "stock_slow", "slow_share")),
                Breakdown(
                    "stock_by_category",
                    _("Stock by category"),
                    ("item_category",),
                    ("stock_value", "stock_slow", "slow_share"),
                    bars=True,
                ),
                Breakdown(
                    "stock_by_item",
                    _("Stock by item"),
                    ("item",),
                    ("stock_value", "stock_turns", "stock_cover", "stock_slow"),
                    most=30,
                ),
            ),
        ),
        Section(
            "orders",
            _("Purchase orders"),
            (
                Cards(("purchase_amount", "purchase_late_count", "purchase_late_amount")),
                Charts((Chart(_("Purchase orders"), (("purchase_amount", "bar"),)),)),
                Breakdown(
                    "late_orders",
                    _("Late, by supplier"),
                    ("supplier",),
                    ("purchase_late_amount", "purchase_late_count"),
                    bars=True,
                ),
            ),
        ),
        Section(
            "suppliers",
            _("Suppliers"),
            (
                Breakdown(
                    "by_supplier",
                    _("Suppliers by orders of the period"),
                    ("supplier",),
                    (
                        "purchase_amount",
                        "quantity_purchased",
                        "quantity_received",
                        "received_share",
                        "quantity_rejected",
                        "rejected_share",
                    ),
                    most=25,
                ),
            ),
        ),
        Section(
            "prices",
            _("Prices"),
            (
                Cards(("price_variance",)),
                Breakdown(
                    "variance_by_supplier",
                    _("Price variance by supplier"),
                    ("supplier",),
                    ("price_variance",),
                    compared=True,
                ),
                Breakdown(
                    "variance_by_item", _("Price variance by item"), ("item",), ("price_variance",), compared=True
                ),
            ),
        ),
    ),
)

PRODUCTION = Board(
    "production",
    _("Production"),
    "precision_manufacturing",
    _("What was made, how much of it was good, and what came too late?"),
    (
        Section(
            "overview",
            _("Overview"),
            (
                Cards(
                    (
                        "production_count",
                        "production_late",
                        "quantity_stocked",
                        "quantity_scrapped",
                        "yield_share",
                        "scrap_share",
                    )
                ),
                Charts(
                    (
                        Chart(_("Production orders"), (("production_count", "bar"), ("production_late", "line"))),
                        Chart(_("Quantity scrapped"), (("quantity_scrapped", "bar"),)),
                    )
                ),
                Breakdown(
                    "made_by_item",
                    _("By item"),
                    ("item",),
                    (
                        "quantity_stocked",
                        "quantity_planned",
                        "yield_share",
                        "quantity_scrapped",
                        "scrap_share",
                        "production_late",
                    ),
                    most=25,
                ),
            ),
        ),
        Section(
            "scrap",
            _("Scrap"),
            (
                Breakdown(
                    "scrap_by_reason",
                    _("Scrap by reason"),
                    ("scrap_reason",),
                    ("quantity_scrapped",),
                    compared=True,
                    bars=True,
                ),
                Breakdown(
                    "scrap_by_item", _("Scrap by item"), ("item",), ("quantity_scrapped", "scrap_share"), compared=True
                ),
            ),
        ),
    ),
)

PEOPLE = Board(
    "people",
    _("People"),
    "groups",
    _("How many people work where, who came and who left?"),
    (
        Section(
            "overview",
            _("Overview"),
            (
                Cards(("headcount", "hires", "leavers")),
                Charts(
                    (
                        Chart(_("Headcount"), (("headcount", "line"),)),
                        Chart(_("Hires and leavers"), (("hires", "bar"), ("leavers", "line"))),
                    )
                ),
                Breakdown(
                    "people_by_department",
                    _("By department"),
                    ("department",),
                    ("headcount", "hires", "leavers"),
                    compared=True,
                    most=50,
                ),
            ),
        ),
    ),
)
