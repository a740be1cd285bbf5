"""Bills of material and routings: what is refused, by the command with a reason and by the database whatever writes."""

import threading
from datetime import date
from decimal import Decimal

import psycopg
import pytest

import hub_settings
from operational_app.core.errors import Refusal
from operational_app.erp.engineering.rules import Cycle, component_quantity, low_level_codes, working_days_between
from tests.conftest import Store


@pytest.fixture
def items(store: Store) -> dict[str, int]:
    return {
        name: store.run("planner", "add_item", number=name, name=name.title(), list_price="1")["id"]
        for name in ("TABLE", "TOP", "LEG", "BOARD")
    }


def bill(store: Store, item: int, *components: int, revision: str = "A", start: str = "2026-01-01") -> dict:
    return store.run(
        "planner",
        "enter_bill_of_material",
        item_id=item,
        revision=revision,
        valid_from=start,
        lines=[{"item_id": component, "quantity_per": "2"} for component in components],
    )


def test_an_item_that_would_contain_itself_is_refused_beside_the_line(store: Store, items: dict[str, int]) -> None:
    bill(store, items["TABLE"], items["TOP"], items["LEG"])
    bill(store, items["TOP"], items["BOARD"])
    with pytest.raises(Refusal) as refused:
        bill(store, items["BOARD"], items["LEG"], items["TABLE"])
    assert "would contain itself" in str(refused.value.fields["lines.1.item_id"])
    with pytest.raises(Refusal):
        bill(store, items["LEG"], items["LEG"])
    store.verify()


def test_the_database_refuses_a_circle_whoever_writes_it(store: Store, items: dict[str, int]) -> None:
    bill(store, items["TABLE"], items["TOP"])
    other = bill(store, items["TOP"], items["BOARD"])
    with psycopg.connect(hub_settings.database_url("hub_app")) as connection:
        connection.execute(
            "INSERT INTO erp.bill_of_material_line (company_id, bill_of_material_id, line_no, item_id, quantity_per, "
            "scrap_fraction) SELECT company_id, id, 2, %s, 1, 0 FROM erp.bill_of_material WHERE id = %s",
            (items["TABLE"], other["id"]),
        )
        with pytest.raises(psycopg.Error, match="would contain itself"):
            connection.commit()


def test_two_halves_of_a_circle_cannot_be_written_side_by_side(store: Store, items: dict[str, int]) -> None:
    outcomes: list[str] = []

    def enter(made: str, component: str) -> None:
        try:
            bill(store, items[made], items[component])
            outcomes.append("entered")
        except Refusal as refusal:
            outcomes.append(type(refusal).__name__)

    writers = [threading.Thread(target=enter, args=pair) for pair in (("TOP", "LEG"), ("LEG", "TOP"))]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(outcomes) == ["CyclicBill", "entered"]
    store.verify()


def test_lines_of_an_active_bill_stay_whoever_writes(store: Store, items: dict[str, int]) -> None:
    made = bill(store, items["TABLE"], items["TOP"])
    store.on("planner", "release_bill_of_material", made)
    for statement in (
        "UPDATE erp.bill_of_material_line SET quantity_per = 9",
        "DELETE FROM erp.bill_of_material_line",
        "UPDATE erp.bill_of_material SET valid_from = '2025-01-01'",
    ):
        with (
            psycopg.connect(hub_settings.database_url("hub_app")) as connection,
            pytest.raises(psycopg.Error, match="stays|its lines stay"),
        ):
            connection.execute(statement)


def test_a_later_revision_ends_the_one_before_and_an_earlier_one_is_refused(
    store: Store, items: dict[str, int]
) -> None:
    for revision, start in (("A", "2026-01-01"), ("B", "2026-06-01")):
        made = bill(store, items["TABLE"], items["TOP"], revision=revision, start=start)
        store.on("planner", "release_bill_of_material", made)
    assert store.rows("SELECT revision, valid_to::text FROM erp.bill_of_material ORDER BY id") == [
        ("A", "2026-05-31"),
        ("B", None),
    ]
    early = bill(store, items["TABLE"], items["LEG"], revision="C", start="2026-03-01")
    with pytest.raises(Refusal, match="Revision B is active from 2026-06-01"):
        store.on("planner", "release_bill_of_material", early)
    with pytest.raises(Refusal, match="has a revision of this name"):
        bill(store, items["TABLE"], items["LEG"], revision="A")
    store.verify()


def test_usual_loss_is_added_and_rounded_up_to_the_unit() -> None:
    assert component_quantity(Decimal(10), Decimal(2), Decimal("0.05"), 0) == 22  # 21.05…
    assert component_quantity(Decimal(10), Decimal(2), Decimal("0.05"), 3) == Decimal("21.053")
    assert component_quantity(Decimal(100), Decimal(1), Decimal("0.2"), 0) == 125


def test_low_level_codes_go_by_the_deepest_place() -> None:
    assert low_level_codes({1: [2, 3], 2: [3], 3: [4]}, [5]) == {1: 0, 2: 1, 3: 2, 4: 3, 5: 0}
    with pytest.raises(Cycle):
        low_level_codes({1: [2], 2: [1]}, [])


def test_an_exception_of_the_calendar_decides() -> None:
    monday, sunday = date(2026, 3, 2), date(2026, 3, 8)
    assert working_days_between(monday, sunday, "12345", {}) == 5
    assert working_days_between(monday, sunday, "12345", {sunday: True, monday: False}) == 5
    assert working_days_between(monday, sunday, "12345", {monday: False}) == 4
