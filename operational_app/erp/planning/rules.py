"""Net requirements over all levels of the bills: a pure function from demand and supply to proposals.

Items are taken from the top of the bills downwards (low-level codes), so that all demand for an item is known when its turn
comes. Day by day, what is needed and not covered is proposed, by the rules for lots. Then supply is pegged to demand, both
by date, and what does not fit together becomes a message.

Quantities come first, dates second: an open order that comes too late is counted and is asked to come sooner; it is not
ordered twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from operational_app.erp.engineering.rules import component_quantity, low_level_codes, rounded_up

ZERO = Decimal(0)

# An order that comes this many days before it is needed is left alone.
POSTPONE_DAYS = 7


@dataclass(frozen=True, order=True)
class Source:
    """What a demand or supply comes from: a document and its line, safety stock or stock of an item, a proposal."""

    kind: str
    id: int
    line_id: int = 0


@dataclass(frozen=True, kw_only=True)
class Revision:
    """What an item is made of while the revision is valid: (component, quantity per unit, usual loss)."""

    valid_from: date
    valid_to: date | None
    components: tuple[tuple[int, Decimal, Decimal], ...]

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, kw_only=True)
class Part:
    """How one item is planned.

    Attributes:
        free: on hand and not reserved.
        lot_size: orders are a multiple of it; 0 for any quantity.
        decimals: decimals that quantities in the item's unit may have.
    """

    item_id: int
    make: bool = False
    free: Decimal = ZERO
    lead_days: int = 0
    safety_stock: Decimal = ZERO
    lot_size: Decimal = ZERO
    minimum: Decimal = ZERO
    decimals: int = 0
    revisions: tuple[Revision, ...] = ()

    def order_quantity(self, missing: Decimal) -> Decimal:
        """The least quantity that may be ordered and covers what is missing."""
        quantity = rounded_up(max(missing, self.minimum), self.decimals)
        if self.lot_size:
            return (quantity / self.lot_size).to_integral_value(ROUND_CEILING) * self.lot_size
        return quantity


@dataclass(frozen=True, kw_only=True)
class Demand:
    item_id: int
    quantity: Decimal
    need_date: date
    source: Source


@dataclass(frozen=True, kw_only=True)
class Supply:
    """An open order: what is still to come of it, and when."""

    item_id: int
    quantity: Decimal
    due_date: date
    source: Source


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An order to be: `source` names it in pegs. It begins today at the earliest, so it may be due after it is needed."""

    source: Source
    item_id: int
    make: bool
    level: int
    net_quantity: Decimal
    quantity: Decimal
    start_date: date
    due_date: date
    need_date: date


@dataclass(frozen=True, kw_only=True)
class Peg:
    """So much of a supply is meant for a demand."""

    item_id: int
    demand: Source
    need_date: date
    supply: Source
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something is amiss with an order, open or proposed.

    Attributes:
        kind: late (overdue, or cannot be there in time), expedite, postpone, cancel, no_bill_of_material.
        need_date: when it is needed; None where it is not.
    """

    kind: str
    item_id: int
    supply: Source
    due_date: date
    need_date: date | None
    quantity: Decimal


@dataclass(kw_only=True)
class Plan:
    proposals: list[Proposal] = field(default_factory=list)
    pegs: list[Peg] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def net_requirements(
    parts: Mapping[int, Part], demands: Iterable[Demand], supplies: Iterable[Supply], today: date
) -> Plan:
    """What to buy and make so that every demand and every safety stock is covered, what is for whom, and what is amiss.

    Args:
        parts: every item that is demanded, supplied or a component.

    Raises:
        Cycle: an item contains itself.
    """
    levels = low_level_codes(
        {p.item_id: sorted({c for r in p.revisions for c, _per, _scrap in r.components}) for p in parts.values()}, parts
    )
    demanded: dict[int, list[Demand]] = {item: [] for item in parts}
    supplied: dict[int, list[Supply]] = {item: [] for item in parts}
    for demand in demands:
        demanded[demand.item_id].append(demand)
    for supply in supplies:
        supplied[supply.item_id].append(supply)
    plan = Plan()
    for item in sorted(parts, key=lambda item: (levels[item], item)):
        part = parts[item]
        wanted = sorted(demanded[item], key=lambda d: (d.need_date, d.source))
        coming = sorted(supplied[item], key=lambda s: (s.due_date, s.source))
        proposed = _proposals(part, levels[item], wanted, coming, today, len(plan.proposals))
        pegs = list(_pegs(part, wanted, coming, proposed, today))
        plan.proposals += proposed
        plan.pegs += pegs
        by_supply: dict[Source, list[Peg]] = {}
        for peg in pegs:
            by_supply.setdefault(peg.supply, []).append(peg)
        plan.messages += _messages_about_open_orders(coming, by_supply, today)
        plan.messages += _messages_about_proposals(proposed, by_supply)
        for order in proposed if part.make else ():
            revision = next((r for r in part.revisions if r.covers(order.start_date)), None)
            if revision is None:
                plan.messages.append(_message("no_bill_of_material", order, order.need_date, order.quantity))
                continue
            for component, quantity_per, scrap_fraction in revision.components:
                demanded[component].append(
                    Demand(
                        item_id=component,
                        quantity=component_quantity(
                            order.quantity, quantity_per, scrap_fraction, parts[component].decimals
                        ),
                        need_date=order.start_date,
                        source=order.source,
                    )
                )
    return plan


def _proposals(
    part: Part, level: int, wanted: Sequence[Demand], coming: Sequence[Supply], today: date, made_before: int
) -> list[Proposal]:
    """Day by day: where stock, open orders and earlier proposals leave less than the safety stock, propose an order."""
    cover = part.free + sum((s.quantity for s in coming), ZERO) - part.safety_stock
    earliest = today + timedelta(days=part.lead_days)
    proposed: list[Proposal] = []
    needed: dict[date, Decimal] = {}
    for demand in wanted:
        needed[demand.need_date] = needed.get(demand.need_date, ZERO) + demand.quantity
    if not needed:
        # Nobody wants it; only the safety stock is to be filled, as soon as can be.
        needed[earliest] = ZERO
    for day, quantity in sorted(needed.items()):
        cover -= quantity
        if cover < 0:
            due = max(day, earliest)
            order = Proposal(
                source=Source("planned_order", made_before + len(proposed)),
                item_id=part.item_id,
                make=part.make,
                level=level,
                net_quantity=-cover,
                quantity=part.order_quantity(-cover),
                start_date=due - timedelta(days=part.lead_days),
                due_date=due,
                need_date=day,
            )
            proposed.append(order)
            cover += order.quantity
    return proposed


def _pegs(
    part: Part, wanted: Sequence[Demand], coming: Sequence[Supply], proposed: Sequence[Proposal], today: date
) -> Iterable[Peg]:
    """Match supply with demand, each by date: stock first, then open orders, then proposals; safety stock comes last."""
    safety = Demand(
        item_id=part.item_id,
        quantity=part.safety_stock,
        need_date=today + timedelta(days=part.lead_days),
        source=Source("safety_stock", part.item_id),
    )
    left = [
        [Source("stock", part.item_id), max(part.free, ZERO)],
        *([s.source, s.quantity] for s in coming),
        *([p.source, p.quantity] for p in proposed),
    ]
    place = 0
    for demand in (*wanted, safety):
        missing = demand.quantity
        while missing > 0 and place < len(left):
            source, there = left[place]
            if there <= 0:
                place += 1
                continue
            quantity = min(missing, there)
            missing -= quantity
            left[place][1] = there - quantity
            yield Peg(
                item_id=part.item_id,
                demand=demand.source,
                need_date=demand.need_date,
                supply=source,
                quantity=quantity,
            )


def _messages_about_open_orders(
    coming: Sequence[Supply], pegs: Mapping[Source, Sequence[Peg]], today: date
) -> Iterable[Message]:
    """Late: overdue. Expedite: comes after it is needed. Postpone: comes long before. Cancel: nobody needs it."""
    for supply in coming:
        mine = pegs.get(supply.source, ())
        needs = [peg for peg in mine if peg.demand.kind != "safety_stock"]
        first = min((peg.need_date for peg in needs), default=None)
        if supply.due_date < today:
            yield _message("late", supply, first, supply.quantity)
        elif not mine:
            yield _message("cancel", supply, None, supply.quantity)
        elif first is not None and first < supply.due_date:
            quantity = sum((peg.quantity for peg in needs if peg.need_date < supply.due_date), ZERO)
            yield _message("expedite", supply, first, quantity)
        elif first is not None and len(needs) == len(mine) and (first - supply.due_date).days > POSTPONE_DAYS:
            yield _message("postpone", supply, first, supply.quantity)


def _messages_about_proposals(proposed: Sequence[Proposal], pegs: Mapping[Source, Sequence[Peg]]) -> Iterable[Message]:
    """Late: even if it is ordered today, somebody who needs it has to wait. Safety stock can wait."""
    for order in proposed:
        waiting = [
            peg
            for peg in pegs.get(order.source, ())
            if peg.demand.kind != "safety_stock" and peg.need_date < order.due_date
        ]
        if waiting:
            quantity = sum((peg.quantity for peg in waiting), ZERO)
            yield _message("late", order, min(peg.need_date for peg in waiting), quantity)


def _message(kind: str, order: Supply | Proposal, need_date: date | None, quantity: Decimal) -> Message:
    return Message(
        kind=kind,
        item_id=order.item_id,
        supply=order.source,
        due_date=order.due_date,
        need_date=need_date,
        quantity=quantity,
    )
