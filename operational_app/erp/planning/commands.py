"""Verbs of the planner: say how items are planned, run the planning, turn proposals into orders."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import Quantity, UnitPrice
from operational_app.erp.errors import (
    ItemNotStocked,
    LineOfAnotherOrder,
    NoPurchasePrice,
    NoUsualSupplier,
    ProposalUsed,
)
from operational_app.erp.events import PlanningDone
from operational_app.erp.items.models import Item
from operational_app.erp.planning.models import (
    ItemPlanning,
    PlannedOrder,
    PlanningException,
    PlanningPeg,
    PlanningRun,
    item_planning,
    planning_run,
)
from operational_app.erp.planning.queries import demands, parts, purchase_price, supplies
from operational_app.erp.planning.rules import Plan, Source, net_requirements
from operational_app.erp.production.commands import EnterProductionOrder, enter_production_order
from operational_app.erp.production.models import ProductionOrder
from operational_app.erp.purchasing.commands import EnterPurchaseOrder, PurchaseLine, enter_purchase_order
from operational_app.erp.purchasing.models import PurchaseOrder
from operational_app.erp.sales.models import SalesOrder

DOCUMENTS = {"sales_order": SalesOrder, "purchase_order": PurchaseOrder, "production_order": ProductionOrder}


class PlanItem(Body):
    item_id: Ref("item")
    supply_kind: Literal["buy", "make"]
    lead_days: int = Field(ge=0, le=1000, description="Days from the order to the goods in stock.")
    safety_stock: Quantity = Field(default=Decimal(0), ge=0)
    lot_size: Quantity = Field(default=Decimal(0), ge=0, description="Orders are a multiple of this; 0: any quantity.")
    minimum_quantity: Quantity = Field(default=Decimal(0), ge=0, description="No order is for less.")
    supplier_id: Ref("supplier") | None = None
    unit_price: UnitPrice | None = Field(
        default=None, ge=0, description="Price of the usual supplier; empty: the last one ordered at."
    )


class RunPlanning(Body):
    business_date: date = Field(description="Day from which it is planned.")
    horizon_days: int = Field(default=90, ge=1, le=1000, description="How many days ahead to look.")
    stock_location_id: Ref("stock_location")


class ProposalToAccept(Body):
    planned_order_id: int = Field(ge=1, description="Proposal of the run.")


class AcceptProposals(Body):
    business_date: date
    proposals: list[ProposalToAccept] = Field(default_factory=list, max_length=1000)


@command(item_planning, _("Plan item"))
def plan_item(work: Work, body: PlanItem) -> ItemPlanning:
    """Say how an item is planned: bought or made, how long that takes, how much to keep, in what lots."""
    made = ItemPlanning(company_id=work.company_id)
    _write(work, made, body)
    return made


@command(item_planning, _("Change"))
def change_item_planning(work: Work, planning: ItemPlanning, body: PlanItem) -> ItemPlanning:
    """Change how an item is planned; the next run goes by it."""
    _write(work, planning, body)
    return planning


def _write(work: Work, planning: ItemPlanning, body: PlanItem) -> None:
    item = work.session.get_one(Item, body.item_id)
    if item.kind != "stocked":
        raise ItemNotStocked(item=f"{item.number} {item.name}")
    for name, value in body.model_dump().items():
        setattr(planning, name, value)
    work.session.add(planning)
    work.session.flush()


@command(planning_run, _("Run planning"))
def run_planning(work: Work, body: RunPlanning) -> PlanningRun:
    """Work out what to buy and make so that all orders and safety stocks are covered, over all levels of the bills.

    It proposes orders, says what is meant for whom, and what is late, too early or not needed. Nothing is ordered yet.
    """
    # First the runs before this one, then the data: whoever is just accepting proposals has to end first, and what
    # becomes of them is seen here. Two runs at once take turns.
    work.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('erp: planning'), :company)"), {"company": work.company_id}
    )
    for earlier in work.session.scalars(
        select(PlanningRun)
        .where(PlanningRun.company_id == work.company_id, PlanningRun.state == "open")
        .with_for_update()
    ):
        earlier.state = "superseded"
    work.session.flush()
    until = body.business_date + timedelta(days=body.horizon_days)
    company_id = work.company_id
    plan = net_requirements(
        parts(work.session, company_id),
        demands(work.session, company_id, until),
        supplies(work.session, company_id, until),
        body.business_date,
    )
    run = PlanningRun(
        company_id=company_id,
        number=work.number(planning_run, body.business_date),
        state="open" if plan.proposals else "done",
        created_by=work.principal.user_id,
        **body.model_dump(),
    )
    work.session.add(run)
    work.session.flush()
    _store(work, run, plan)
    work.announce(
        PlanningDone(
            document_id=run.id,
            business_date=run.business_date,
            proposals=len(plan.proposals),
            exceptions=len(plan.messages),
        )
    )
    return run


def _store(work: Work, run: PlanningRun, plan: Plan) -> None:
    """Write proposals, pegs and exceptions as lines of the run; each source under the number that people know."""
    suppliers = dict(
        work.session.execute(
            select(ItemPlanning.item_id, ItemPlanning.supplier_id).where(ItemPlanning.company_id == run.company_id)
        ).all()
    )
    ids = {proposal.source: work.new_id(PlannedOrder) for proposal in plan.proposals}
    numbers = {proposal.source: f"{run.number}/{proposal.source.id + 1}" for proposal in plan.proposals}
    numbers |= _numbers(work, [s for peg in plan.pegs for s in (peg.demand, peg.supply)])
    numbers |= _numbers(work, [m.supply for m in plan.messages])

    def described(prefix: str, source: Source) -> dict[str, Any]:
        return {
            f"{prefix}_type": source.kind,
            f"{prefix}_number": numbers[source],
            f"{prefix}_id": ids.get(source, source.id),
            f"{prefix}_line_id": source.line_id or None,
        }

    work.session.add_all(
        PlannedOrder(
            id=ids[p.source],
            company_id=run.company_id,
            planning_run_id=run.id,
            line_no=p.source.id + 1,
            item_id=p.item_id,
            level=p.level,
            supply_kind="make" if p.make else "buy",
            supplier_id=None if p.make else suppliers.get(p.item_id),
            net_quantity=p.net_quantity,
            quantity=p.quantity,
            start_date=p.start_date,
            due_date=p.due_date,
            need_date=p.need_date,
            state="proposed",
        )
        for p in plan.proposals
    )
    common = {"company_id": run.company_id, "planning_run_id": run.id}
    work.session.add_all(
        PlanningPeg(
            **common,
            item_id=peg.item_id,
            need_date=peg.need_date,
            quantity=peg.quantity,
            **described("demand", peg.demand),
            **described("supply", peg.supply),
        )
        for peg in plan.pegs
    )
    work.session.add_all(
        PlanningException(
            **common,
            item_id=message.item_id,
            kind=message.kind,
            due_date=message.due_date,
            need_date=message.need_date,
            quantity=message.quantity,
            **described("supply", message.supply),
        )
        for message in plan.messages
    )
    work.session.flush()


def _numbers(work: Work, sources: Sequence[Source]) -> dict[Source, str]:
    """What people call the documents that demand and supply come from; of stock and safety stock, the item's number."""
    found: dict[Source, str] = {}
    for kind, model in (*DOCUMENTS.items(), ("stock", Item), ("safety_stock", Item)):
        mine = [source for source in sources if source.kind == kind]
        if mine:
            rows = work.session.execute(select(model.id, model.number).where(model.id.in_({s.id for s in mine})))
            known = dict(rows.all())
            found |= {source: known[source.id] for source in mine}
    return found


@command(planning_run, _("Accept proposals"), states=("open",))
def accept_proposals(work: Work, run: PlanningRun, body: AcceptProposals) -> PlanningRun:
    """Turn proposals into orders, as drafts. Without lines, all that have not become one yet.

    Purchases of the same supplier for the same day become one order; each proposal to make becomes a production order.
    """
    wanted = _wanted(work, run, body)
    purchases: dict[tuple[int, date], list[PlannedOrder]] = {}
    for proposal in wanted:
        if proposal.supply_kind == "make":
            _make(work, run, proposal, body.business_date)
        elif proposal.supplier_id is None:
            raise NoUsualSupplier(item=_item(work, proposal.item_id))
        else:
            purchases.setdefault((proposal.supplier_id, proposal.due_date), []).append(proposal)
    for (supplier_id, due), proposals in purchases.items():
        _buy(work, run, supplier_id, due, proposals, body.business_date)
    return run


def _wanted(work: Work, run: PlanningRun, body: AcceptProposals) -> list[PlannedOrder]:
    rows = work.session.scalars(
        select(PlannedOrder).where(PlannedOrder.planning_run_id == run.id).order_by(PlannedOrder.line_no)
    ).all()
    asked = {line.planned_order_id for line in body.proposals}
    if unknown := asked - {row.id for row in rows}:
        raise LineOfAnotherOrder(line=min(unknown), number=run.number)
    for row in rows:
        if row.id in asked and row.state == "accepted":
            raise ProposalUsed(line=row.line_no)
    wanted = [row for row in rows if (row.id in asked if asked else row.state == "proposed")]
    if len(wanted) == sum(row.state == "proposed" for row in rows):
        run.state = "done"
    return wanted


def _make(work: Work, run: PlanningRun, proposal: PlannedOrder, day: date) -> None:
    made = enter_production_order(
        work,
        EnterProductionOrder(
            item_id=proposal.item_id,
            quantity=proposal.quantity,
            business_date=day,
            start_date=proposal.start_date,
            due_date=proposal.due_date,
            stock_location_id=run.stock_location_id,
        ),
    )
    proposal.production_order_id, proposal.state = made.id, "accepted"
    work.link(run, made)


def _buy(
    work: Work, run: PlanningRun, supplier_id: int, due: date, proposals: Sequence[PlannedOrder], day: date
) -> None:
    lines = []
    for proposal in proposals:
        price = purchase_price(work.session, proposal.item_id, supplier_id)
        if price is None:
            raise NoPurchasePrice(item=_item(work, proposal.item_id))
        lines.append(PurchaseLine(item_id=proposal.item_id, quantity=proposal.quantity, unit_price=price))
    made = enter_purchase_order(
        work,
        EnterPurchaseOrder(
            supplier_id=supplier_id,
            business_date=day,
            requested_date=due,
            stock_location_id=run.stock_location_id,
            currency=work.company.currency if work.company else None,
            lines=lines,
        ),
    )
    for proposal in proposals:
        proposal.purchase_order_id, proposal.state = made.id, "accepted"
    work.link(run, made)


def _item(work: Work, item_id: int) -> str:
    item = work.session.get_one(Item, item_id)
    return f"{item.number} {item.name}"


def _proposed(session: Session, run: PlanningRun) -> dict[str, Any]:
    rows = session.scalars(
        select(PlannedOrder.id)
        .where(PlannedOrder.planning_run_id == run.id, PlannedOrder.state == "proposed")
        .order_by(PlannedOrder.line_no)
    )
    return {"proposals": [{"planned_order_id": row} for row in rows]}


# The form begins with all that is proposed; the planner takes out what is not wanted.
DEFAULTS["accept_proposals"] = _proposed
