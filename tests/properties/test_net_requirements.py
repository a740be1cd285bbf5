"""Net requirements agree with a model that knows nothing of low-level codes or order of work: it tries until nothing changes."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from operational_app.erp.planning.rules import Demand, Part, Plan, Revision, Source, Supply, net_requirements

TODAY = date(2026, 3, 2)
ITEMS = range(1, 6)
Key = tuple[int, date, date]  # item, day needed, day due


@st.composite
def parts(draw: st.DrawFn) -> dict[int, Part]:
    """Up to five items in an order that is not that of their numbers; each may be made of items further down."""
    order = draw(st.permutations(list(ITEMS)))
    found = {}
    for place, item in enumerate(order):
        below = order[place + 1 :]
        chosen = draw(st.lists(st.sampled_from(below), unique=True, max_size=3)) if below else []
        components = tuple((c, Decimal(draw(st.integers(1, 3))), draw(LOSSES)) for c in chosen)
        split = TODAY + timedelta(days=draw(st.integers(0, 15)))
        later = components[: draw(st.integers(0, len(components)))] or components
        revisions = (
            Revision(valid_from=date(2026, 1, 1), valid_to=split, components=components),
            Revision(valid_from=split + timedelta(days=1), valid_to=None, components=later),
        )
        found[item] = Part(
            item_id=item,
            make=bool(components),
            free=Decimal(draw(st.integers(0, 15))),
            lead_days=draw(st.integers(0, 4)),
            safety_stock=Decimal(draw(st.integers(0, 6))),
            lot_size=Decimal(draw(st.sampled_from([0, 1, 5, 7]))),
            minimum=Decimal(draw(st.sampled_from([0, 3, 12]))),
            revisions=revisions if components else (),
        )
    return found


LOSSES = st.sampled_from([Decimal(0), Decimal("0.1"), Decimal("0.25")])
DAYS = st.integers(-3, 20).map(lambda n: TODAY + timedelta(days=n))
LINES = st.lists(st.tuples(st.sampled_from(list(ITEMS)), st.integers(1, 30).map(Decimal), DAYS), max_size=6)


def asked(lines: list[tuple[int, Decimal, date]]) -> list[Demand]:
    return [
        Demand(item_id=item, quantity=quantity, need_date=day, source=Source("sales_order", number, number))
        for number, (item, quantity, day) in enumerate(lines, start=1)
    ]


def coming(lines: list[tuple[int, Decimal, date]]) -> list[Supply]:
    return [
        Supply(item_id=item, quantity=quantity, due_date=day, source=Source("purchase_order", number, number))
        for number, (item, quantity, day) in enumerate(lines, start=1)
    ]


def brute_force(found: dict[int, Part], demands: list[Demand], supplies: list[Supply]) -> dict[Key, int]:
    """Count up, unit by unit, until all is covered; then again with what that needs of components, until nothing changes."""
    planned: dict[Key, int] = {}
    while True:
        again: dict[Key, int] = {}
        for item, part in found.items():
            again |= _of_one(part, item, _needed(found, item, planned, demands), supplies)
        if again == planned:
            return planned
        planned = again


def _needed(found: dict[int, Part], item: int, planned: dict[Key, int], demands: list[Demand]) -> dict[date, int]:
    needed: dict[date, int] = defaultdict(int)
    for demand in demands:
        if demand.item_id == item:
            needed[demand.need_date] += int(demand.quantity)
    for (parent, _need, due), quantity in planned.items():
        start = due - timedelta(days=found[parent].lead_days)
        for revision in found[parent].revisions:
            if revision.valid_from <= start and (revision.valid_to is None or start <= revision.valid_to):
                for component, per, loss in revision.components:
                    if component == item:
                        # The least whole number of which the good part is enough.
                        taken = 0
                        while taken * (1 - loss) < quantity * per:
                            taken += 1
                        needed[start] += taken
    return needed


def _of_one(part: Part, item: int, needed: dict[date, int], supplies: list[Supply]) -> dict[Key, int]:
    there = int(part.free) + sum(int(s.quantity) for s in supplies if s.item_id == item)
    earliest = TODAY + timedelta(days=part.lead_days)
    made: dict[Key, int] = {}
    for day in sorted(needed) or [earliest]:
        there -= needed.get(day, 0)
        if there < part.safety_stock:
            quantity = 1
            while (
                there + quantity < part.safety_stock
                or quantity < part.minimum
                or (part.lot_size and quantity % part.lot_size)
            ):
                quantity += 1
            made[item, day, max(day, earliest)] = quantity
            there += quantity
    return made


@given(parts(), LINES, LINES)
def test_what_is_proposed_is_what_brute_force_finds(
    found: dict[int, Part], demand: list[tuple[int, Decimal, date]], supply: list[tuple[int, Decimal, date]]
) -> None:
    plan = net_requirements(found, asked(demand), coming(supply), TODAY)
    proposed = {(p.item_id, p.need_date, p.due_date): int(p.quantity) for p in plan.proposals}
    assert len(proposed) == len(plan.proposals)
    assert proposed == brute_force(found, asked(demand), coming(supply))


@given(parts(), LINES, LINES)
def test_every_demand_is_pegged_whole_and_no_supply_more_than_once(
    found: dict[int, Part], demand: list[tuple[int, Decimal, date]], supply: list[tuple[int, Decimal, date]]
) -> None:
    plan = net_requirements(found, asked(demand), coming(supply), TODAY)
    for order in plan.proposals:
        assert order.start_date >= TODAY and order.due_date >= order.need_date
        assert order.quantity >= order.net_quantity > 0
    pegged, given_away = sums(plan)
    for one in asked(demand):
        assert pegged[one.item_id, one.source] == one.quantity
    for item, part in found.items():
        assert pegged[item, Source("safety_stock", item)] == part.safety_stock
        assert given_away[item, Source("stock", item)] <= part.free
    for one in coming(supply):
        assert given_away[one.item_id, one.source] <= one.quantity
    for order in plan.proposals:
        assert given_away[order.item_id, order.source] >= order.net_quantity, "it was proposed for somebody"
        assert given_away[order.item_id, order.source] <= order.quantity


def sums(plan: Plan) -> tuple[dict, dict]:
    pegged: dict[tuple[int, Source], Decimal] = defaultdict(Decimal)
    given_away: dict[tuple[int, Source], Decimal] = defaultdict(Decimal)
    for peg in plan.pegs:
        pegged[peg.item_id, peg.demand] += peg.quantity
        given_away[peg.item_id, peg.supply] += peg.quantity
    return pegged, given_away


@given(parts(), LINES, LINES)
def test_a_message_says_what_is_true_of_its_order(
    found: dict[int, Part], demand: list[tuple[int, Decimal, date]], supply: list[tuple[int, Decimal, date]]
) -> None:
    plan = net_requirements(found, asked(demand), coming(supply), TODAY)
    told = {(m.kind, m.supply) for m in plan.messages}
    assert len(told) == len(plan.messages)
    for one in coming(supply):
        needs = [p.need_date for p in plan.pegs if p.supply == one.source and p.demand.kind != "safety_stock"]
        pegged = any(p.supply == one.source for p in plan.pegs)
        overdue = one.due_date < TODAY
        assert (("late", one.source) in told) == overdue
        assert (("cancel", one.source) in told) == (not overdue and not pegged)
        assert (("expedite", one.source) in told) == (not overdue and bool(needs) and min(needs) < one.due_date)
    for order in plan.proposals:
        needs = [p.need_date for p in plan.pegs if p.supply == order.source and p.demand.kind != "safety_stock"]
        assert (("late", order.source) in told) == (bool(needs) and min(needs) < order.due_date)
