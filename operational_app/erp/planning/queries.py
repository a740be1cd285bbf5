"""What a planning run looks at: items, stock, demand and open orders, as the store has them at this moment."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from operational_app.core.models import Unit
from operational_app.erp.engineering.models import BillOfMaterial, BillOfMaterialLine
from operational_app.erp.inventory.models import ItemValuation, StockBalance
from operational_app.erp.items.models import Item
from operational_app.erp.planning.models import ItemPlanning
from operational_app.erp.planning.rules import Demand, Part, Revision, Source, Supply
from operational_app.erp.production.models import ProductionComponent, ProductionOrder
from operational_app.erp.purchasing.models import PurchaseOrder, PurchaseOrderLine
from operational_app.erp.sales.models import SalesOrder, SalesOrderLine

# States in which an order is counted. A draft is counted as coming: else each run would propose it again.
DEMANDING_SALES = ("confirmed", "partly_delivered")
COMING_PURCHASES = ("draft", "ordered", "partly_received")
COMING_PRODUCTION = ("draft", "released", "in_progress")

ZERO = Decimal(0)

PROPOSALS = text("""
    SELECT r.number AS run, o.line_no AS line, i.number AS item, i.name, o.supply_kind, s.number AS supplier,
           o.net_quantity, o.quantity, i.unit, o.start_date, o.due_date, o.need_date,
           coalesce(p.number, m.number) AS accepted_as
    FROM erp.planning_run r
    JOIN erp.planned_order o ON o.planning_run_id = r.id
    JOIN erp.item i ON i.id = o.item_id
    LEFT JOIN core.party_role s ON s.id = o.supplier_id
    LEFT JOIN erp.purchase_order p ON p.id = o.purchase_order_id
    LEFT JOIN erp.production_order m ON m.id = o.production_order_id
    WHERE r.id = (SELECT max(id) FROM erp.planning_run WHERE company_id = :company AND business_date <= :end
                    AND (CAST(:known AS timestamptz) IS NULL OR recorded_at <= CAST(:known AS timestamptz)))
    ORDER BY o.line_no""")


def parts(session: Session, company_id: int) -> dict[int, Part]:
    """Every stocked item of the company, with its planning data, its free stock and its active bills."""
    planning = {
        row.item_id: row for row in session.scalars(select(ItemPlanning).where(ItemPlanning.company_id == company_id))
    }
    free = dict(
        session.execute(
            select(StockBalance.item_id, func.sum(StockBalance.quantity_on_hand - StockBalance.quantity_reserved))
            .where(StockBalance.company_id == company_id)
            .group_by(StockBalance.item_id)
        ).all()
    )
    revisions = _revisions(session, company_id)
    found = {}
    rows = session.execute(
        select(Item.id, Unit.decimals)
        .join(Unit, Unit.code == Item.unit)
        .where(Item.company_id == company_id, Item.kind == "stocked")
    )
    for item_id, decimals in rows:
        rules = planning.get(item_id)
        found[item_id] = Part(
            item_id=item_id,
            make=rules.supply_kind == "make" if rules else item_id in revisions,
            free=free.get(item_id, ZERO),
            lead_days=rules.lead_days if rules else 0,
            safety_stock=rules.safety_stock if rules else ZERO,
            lot_size=rules.lot_size if rules else ZERO,
            minimum=rules.minimum_quantity if rules else ZERO,
            decimals=decimals,
            revisions=tuple(revisions.get(item_id, ())),
        )
    return found


def _revisions(session: Session, company_id: int) -> dict[int, list[Revision]]:
    lines: dict[int, list[tuple[int, Decimal, Decimal]]] = defaultdict(list)
    for line in session.scalars(
        select(BillOfMaterialLine)
        .where(BillOfMaterialLine.company_id == company_id)
        .order_by(BillOfMaterialLine.bill_of_material_id, BillOfMaterialLine.line_no)
    ):
        lines[line.bill_of_material_id].append((line.item_id, line.quantity_per, line.scrap_fraction))
    found: dict[int, list[Revision]] = defaultdict(list)
    bills = select(BillOfMaterial).where(BillOfMaterial.company_id == company_id, BillOfMaterial.state == "active")
    for bill in session.scalars(bills):
        found[bill.item_id].append(
            Revision(valid_from=bill.valid_from, valid_to=bill.valid_to, components=tuple(lines[bill.id]))
        )
    return found


def demands(session: Session, company_id: int, until: date) -> list[Demand]:
    """What customers' orders still need beyond what is reserved for them, and open production orders beyond what was issued
    or is reserved.

    A customer who names no day wants the goods on the day of the order.
    """
    return [d for d in (*_sales(session, company_id), *_components(session, company_id)) if d.need_date <= until]


def _sales(session: Session, company_id: int) -> Iterable[Demand]:
    open_quantity = SalesOrderLine.quantity - SalesOrderLine.quantity_delivered - SalesOrderLine.quantity_reserved
    rows = session.execute(
        select(SalesOrder, SalesOrderLine, open_quantity)
        .join(SalesOrderLine, SalesOrderLine.sales_order_id == SalesOrder.id)
        .join(Item, Item.id == SalesOrderLine.item_id)
        .where(
            SalesOrder.company_id == company_id,
            SalesOrder.state.in_(DEMANDING_SALES),
            Item.kind == "stocked",
            open_quantity > 0,
        )
    )
    for order, line, quantity in rows:
        yield Demand(
            item_id=line.item_id,
            quantity=quantity,
            need_date=order.requested_date or order.business_date,
            source=Source("sales_order", order.id, line.id),
        )


def _components(session: Session, company_id: int) -> Iterable[Demand]:
    rows = session.execute(
        select(ProductionOrder, ProductionComponent)
        .join(ProductionComponent, ProductionComponent.production_order_id == ProductionOrder.id)
        .where(
            ProductionOrder.company_id == company_id,
            ProductionOrder.state.in_(COMING_PRODUCTION),
            ProductionComponent.quantity > ProductionComponent.quantity_issued + ProductionComponent.quantity_reserved,
        )
    )
    for order, component in rows:
        yield Demand(
            item_id=component.item_id,
            quantity=component.quantity - component.quantity_issued - component.quantity_reserved,
            need_date=order.start_date,
            source=Source("production_order", order.id, component.id),
        )


def supplies(session: Session, company_id: int, until: date) -> list[Supply]:
    """What open purchase and production orders are still to bring. A purchase order without a day comes on its own day."""
    return [s for s in (*_purchases(session, company_id), *_production(session, company_id)) if s.due_date <= until]


def _purchases(session: Session, company_id: int) -> Iterable[Supply]:
    rows = session.execute(
        select(PurchaseOrder, PurchaseOrderLine)
        .join(PurchaseOrderLine, PurchaseOrderLine.purchase_order_id == PurchaseOrder.id)
        .join(Item, Item.id == PurchaseOrderLine.item_id)
        .where(
            PurchaseOrder.company_id == company_id,
            PurchaseOrder.state.in_(COMING_PURCHASES),
            Item.kind == "stocked",
            PurchaseOrderLine.quantity > PurchaseOrderLine.quantity_received,
        )
    )
    for order, line in rows:
        yield Supply(
            item_id=line.item_id,
            quantity=line.quantity - line.quantity_received,
            due_date=order.requested_date or order.business_date,
            source=Source("purchase_order", order.id, line.id),
        )


def _production(session: Session, company_id: int) -> Iterable[Supply]:
    orders = session.scalars(
        select(ProductionOrder).where(
            ProductionOrder.company_id == company_id, ProductionOrder.state.in_(COMING_PRODUCTION)
        )
    )
    for order in orders:
        if order.quantity_left > 0:
            yield Supply(
                item_id=order.item_id,
                quantity=order.quantity_left,
                due_date=order.due_date,
                source=Source("production_order", order.id),
            )


def purchase_price(session: Session, item_id: int, supplier_id: int) -> Decimal | None:
    """Price of one unit, in the company's currency: the one agreed, else the last one ordered at, else what stock costs."""
    agreed = session.scalars(
        select(ItemPlanning.unit_price).where(ItemPlanning.item_id == item_id, ItemPlanning.supplier_id == supplier_id)
    ).one_or_none()
    if agreed is not None:
        return agreed
    last = session.scalars(
        select(func.round(PurchaseOrderLine.unit_price * PurchaseOrder.exchange_rate, 6))
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.purchase_order_id)
        .where(
            PurchaseOrderLine.item_id == item_id,
            PurchaseOrder.supplier_id == supplier_id,
            PurchaseOrder.state != "cancelled",
        )
        .order_by(PurchaseOrder.business_date.desc(), PurchaseOrderLine.id.desc())
        .limit(1)
    ).one_or_none()
    if last is not None:
        return last
    valuation = session.scalars(select(ItemValuation).where(ItemValuation.item_id == item_id)).one_or_none()
    if valuation is None or valuation.quantity_on_hand == 0:
        return None
    return (valuation.value / valuation.quantity_on_hand).quantize(Decimal("0.000001"))


def proposals(session: Session, company_id: int, end: date, known: datetime | None = None) -> Sequence[Row[Any]]:
    """What the newest planning run up to a day proposes: run, line, item, name, supply_kind, supplier, quantities, days, …."""
    return session.execute(PROPOSALS, {"company": company_id, "end": end, "known": known}).all()
