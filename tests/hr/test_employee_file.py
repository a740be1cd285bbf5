"""The employee's file: contracts and managers by date, what is confidential, and what happens when somebody leaves."""

from datetime import timedelta

import pytest

from operational_app.core import db, policy
from operational_app.core.errors import InvalidInput, NotPermitted, NotSignedIn, Refusal
from operational_app.hr.people.rules import is_national_id
from operational_app.hr.time.rules import ZONE
from tests.conftest import Store
from tests.hr.staff import join, today

CARD = "11010519491231002X"


@pytest.fixture
def wei(store: Store) -> dict:
    office = store.run("hr", "add_department", code="O", name="Office")
    return join(store, "Wei", office, "warehouse")


def test_the_check_character_of_an_identity_number_is_looked_at() -> None:
    assert is_national_id(CARD)
    assert not is_national_id("110105194912310021")


def test_a_new_contract_ends_the_one_before_on_the_day_before(store: Store, wei: dict) -> None:
    store.on("hr", "sign_contract", wei, kind="permanent", start_date="2026-01-01")
    store.on("hr", "sign_contract", wei, kind="fixed_term", start_date="2026-07-01", end_date="2027-06-30")
    assert store.rows("SELECT kind, start_date::text, end_date::text FROM hr.employment_contract ORDER BY 2") == [
        ("permanent", "2026-01-01", "2026-06-30"),
        ("fixed_term", "2026-07-01", "2027-06-30"),
    ]
    with pytest.raises(InvalidInput, match="need attention"):
        store.on("hr", "sign_contract", wei, kind="fixed_term", start_date="2027-07-01")


def test_an_identity_number_that_cannot_be_is_refused_and_only_hr_writes_it(store: Store, wei: dict) -> None:
    with pytest.raises(InvalidInput):
        store.on("hr", "record_identity", wei, start_date="2026-01-01", national_id="110105194912310021")
    with pytest.raises(NotPermitted):
        store.on("manager", "record_identity", wei, start_date="2026-01-01", national_id=CARD)
    store.on("hr", "record_identity", wei, start_date="2026-01-01", national_id=CARD, bank_account="6222 0200 1234")
    assert store.value("SELECT national_id FROM hr.employee_identity") == CARD


def test_who_comes_and_who_leaves_gives_tasks_with_days(store: Store, wei: dict) -> None:
    store.on("hr", "end_employment", wei, end_date="2026-06-30")
    count = dict(store.rows("SELECT kind, count(*) FROM hr.employee_task GROUP BY 1"))
    assert count == {"onboarding": 5, "offboarding": 6}
    assert store.value("SELECT min(due_date)::text FROM hr.employee_task WHERE kind = 'offboarding'") == "2026-06-30"
    task = store.value("SELECT id FROM hr.employee_task WHERE role_code = 'administrator' AND kind = 'onboarding'")
    done = store.on("administrator", "finish_employee_task", {"document": "employee_task", "id": task}, note="wei")
    assert done["state"] == "done"


def test_a_manager_of_ones_own_decides_before_the_departments(store: Store, wei: dict) -> None:
    office = store.value("SELECT id FROM hr.department WHERE code = 'O'")
    mei = join(store, "Mei", {"id": office}, "employee")
    bao = join(store, "Bao", {"id": office}, "employee")
    department = {"document": "department", "id": office}
    store.on("hr", "set_department_management", department, manager_id=bao["id"])
    store.on(
        "hr",
        "change_position",
        wei,
        department_id=office,
        position="Staff",
        manager_id=mei["id"],
        start_date="2026-03-01",
    )
    with db.reading() as session:
        from operational_app.links.oa_hr import line_of_management

        company = store.value("SELECT id FROM core.company WHERE code = 'DEMO'")
        line = line_of_management(session, company, store.users["wei"], today())
    assert line == [store.users["mei"], store.users["bao"]]
    with pytest.raises(Refusal):
        store.on(
            "hr", "change_position", wei, department_id=office, position="X", manager_id=wei["id"],
            start_date="2026-04-01",
        )  # fmt: skip


def test_access_ends_on_the_day_of_leaving(store: Store, wei: dict) -> None:
    user = store.users["wei"]
    with db.reading() as session:
        assert policy.load_principal(session, user) is not None
    store.on("hr", "end_employment", wei, end_date=today().isoformat())
    with db.reading() as session:
        assert policy.load_principal(session, user) is None
    with pytest.raises(NotSignedIn):
        store.run("wei", "punch_in_or_out", direction="come")


def test_access_of_who_leaves_later_ends_after_the_last_day_by_itself(store: Store, wei: dict) -> None:
    user, last = store.users["wei"], today() + timedelta(days=10)
    store.on("hr", "end_employment", wei, end_date=last.isoformat())
    with db.reading() as session:
        assert policy.load_principal(session, user) is not None
    ends = store.value("SELECT access_ends_at FROM core.app_user WHERE id = %s", user).astimezone(ZONE)
    assert (ends.date(), ends.hour) == (last + timedelta(days=1), 0)
    # What the clock will do, done by hand: the moment moves into the past.
    import psycopg

    import hub_settings

    with psycopg.connect(hub_settings.database_url("hub_owner")) as owner:
        owner.execute("UPDATE core.app_user SET access_ends_at = now() - interval '1 second' WHERE id = %s", [user])
    with db.reading() as session:
        assert policy.load_principal(session, user) is None
