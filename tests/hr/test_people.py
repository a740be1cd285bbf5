"""Employments: one at a time, with what was before on record; pay is nowhere here."""

import psycopg
import pytest

import hub_settings
from operational_app.core.errors import NotPermitted, WrongState
from operational_app.hr.errors import NotEmployedThen
from tests.conftest import Store


@pytest.fixture
def hired(store: Store) -> dict:
    department = store.run("hr", "add_department", code="IT", name="IT")
    store.run("hr", "add_department", code="OPS", name="Operations")
    return store.run(
        "hr",
        "hire_employee",
        name="Wang Lili",
        department_id=department["id"],
        position="Engineer",
        start_date="2026-01-05",
    )


def employments(store: Store) -> list[tuple[str, str, str | None]]:
    return store.rows("SELECT position, start_date::text, end_date::text FROM hr.employment ORDER BY start_date")


def test_a_change_of_position_ends_the_one_before_on_the_day_before(store: Store, hired: dict) -> None:
    operations = store.value("SELECT id FROM hr.department WHERE code = 'OPS'")
    store.on("hr", "change_position", hired, department_id=operations, position="Lead", start_date="2026-03-01")
    assert employments(store) == [("Engineer", "2026-01-05", "2026-02-28"), ("Lead", "2026-03-01", None)]


def test_a_change_before_the_first_day_is_refused(store: Store, hired: dict) -> None:
    operations = store.value("SELECT id FROM hr.department WHERE code = 'OPS'")
    with pytest.raises(NotEmployedThen):
        store.on("hr", "change_position", hired, department_id=operations, position="Lead", start_date="2025-12-31")
    assert employments(store) == [("Engineer", "2026-01-05", None)]


def test_who_has_left_is_moved_no_more(store: Store, hired: dict) -> None:
    store.on("hr", "end_employment", hired, end_date="2026-06-30")
    assert employments(store) == [("Engineer", "2026-01-05", "2026-06-30")]
    with pytest.raises(WrongState, match="left"):
        store.on("hr", "end_employment", hired, end_date="2026-07-31")


def test_two_employments_at_once_are_refused_by_the_database(store: Store, hired: dict) -> None:
    with psycopg.connect(hub_settings.database_url("hub_app")) as app:
        with pytest.raises(psycopg.errors.ExclusionViolation):
            app.execute(
                "INSERT INTO hr.employment (company_id, employee_id, department_id, position, start_date) "
                "SELECT company_id, employee_id, department_id, 'Second', '2026-05-01' FROM hr.employment"
            )


def test_only_hr_hires(store: Store, hired: dict) -> None:
    with pytest.raises(NotPermitted):
        store.run("manager", "hire_employee", name="X", department_id=1, position="X", start_date="2026-01-01")
