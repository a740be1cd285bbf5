"""Requisition to hire, as department head, people's department, interviewer and payroll live it."""

import pytest

from operational_app.core import db, policy, reading
from operational_app.core.document import DOCUMENTS
from operational_app.core.errors import Refusal
from tests.conftest import Store
from tests.hr.staff import join


@pytest.fixture
def plant(store: Store) -> dict[str, dict]:
    """Mei manages the workshop, in which Wei works; Mo stands above. Bo works elsewhere."""
    board = store.run("hr", "add_department", code="B", name="Board")
    shop = store.run("hr", "add_department", code="W", name="Workshop", cost_kind="production")
    people = {
        "mo": join(store, "Mo", board),
        "mei": join(store, "Mei", shop),
        "wei": join(store, "Wei", shop),
        "bo": join(store, "Bo", board),
    }
    store.on("hr", "set_department_management", board, manager_id=people["mo"]["id"])
    store.on("hr", "set_department_management", shop, manager_id=people["mei"]["id"], parent_department_id=board["id"])
    return people | {"shop": shop}


def asked_for(store: Store, plant: dict, count: int = 1) -> dict:
    return store.run(
        "mei", "enter_job_requisition", business_date="2026-03-02", department_id=plant["shop"]["id"],
        position="Welder", head_count=count, wanted_by="2026-05-01", reason="A second shift",
    )  # fmt: skip


def approved(store: Store, plant: dict, count: int = 1) -> dict:
    requisition = asked_for(store, plant, count)
    request = store.on("mei", "submit_job_requisition", requisition)
    store.on("mo", "approve", request)
    store.on("manager", "approve", request)
    return requisition


def applied(store: Store, requisition: dict, name: str) -> dict:
    return store.run(
        "hr", "enter_applicant", job_requisition_id=requisition["id"], business_date="2026-03-05", name=name,
        email=f"{name.lower()}@example.com", phone="139", source="Fair", retain_until="2026-12-31",
    )  # fmt: skip


def interviewed(store: Store, plant: dict, requisition: dict, name: str, grade: int = 4) -> dict:
    person = applied(store, requisition, name)
    talk = store.on(
        "hr", "plan_interview", person, interviewer_id=plant["wei"]["id"], planned_at="2026-03-10T09:00:00+08:00"
    )
    store.on("wei", "record_interview", talk, grade=grade, recommendation="hire", notes="Knows the torch")
    return person


def offered(store: Store, person: dict, **more: object) -> dict:
    terms = {"business_date": "2026-03-12", "start_date": "2026-04-01", "answer_by": "2026-03-20"} | more
    return store.on("hr", "make_offer", person, **terms)


def test_an_applicant_becomes_an_employee_without_typing_anything_again(store: Store, plant: dict) -> None:
    requisition = approved(store, plant)
    card = dict(store.rows("SELECT fact, value FROM oa.approval_fact ORDER BY id DESC LIMIT 2"))
    assert card == {"people_now": "2", "wanted_already": "0"}
    person = interviewed(store, plant, requisition, "Lin")
    offer = offered(store, person, contract_kind="fixed_term", end_date="2029-03-31", probation_end_date="2026-09-30")
    store.on("payroll", "put_in_offered_pay", offer, monthly_salary="9000")
    with pytest.raises(Refusal, match="“Hire” is not possible while the job offer is “made”"):
        store.on("hr", "hire_applicant", offer)
    store.on("hr", "accept_offer", offer)
    hired = store.on("hr", "hire_applicant", offer)
    assert hired["document"] == "employee"
    assert store.rows(
        "SELECT p.name, p.email, p.phone, m.position, d.code, m.start_date::text, c.kind, c.end_date::text, "
        "c.probation_end_date::text, a.monthly_salary FROM core.party_role e JOIN core.party p ON p.id = e.party_id "
        "JOIN hr.employment m ON m.employee_id = e.id JOIN hr.department d ON d.id = m.department_id "
        "JOIN hr.employment_contract c ON c.employee_id = e.id JOIN hr.pay_agreement a ON a.employee_id = e.id "
        "WHERE e.id = %s",
        hired["id"],
    ) == [
        ("Lin", "lin@example.com", "139", "Welder", "W", "2026-04-01", "fixed_term", "2029-03-31", "2026-09-30", 9000)
    ]
    assert store.value("SELECT count(*) FROM core.party WHERE name = 'Lin'") == 1
    assert store.value("SELECT count(*) FROM hr.employee_task WHERE employee_id = %s", hired["id"]) > 0
    assert store.rows("SELECT state, hired_count FROM hr.job_requisition") == [("filled", 1)]
    assert store.rows("SELECT state, hired_employee_id FROM hr.applicant") == [("hired", hired["id"])]
    with pytest.raises(Refusal, match="is not approved, or nobody is wanted"):
        applied(store, requisition, "Late")
    store.verify()


def test_nobody_applies_for_a_position_that_is_not_approved_and_nobody_approves_the_own(
    store: Store, plant: dict
) -> None:
    requisition = asked_for(store, plant)
    with pytest.raises(Refusal, match="is not approved"):
        applied(store, requisition, "Lin")
    request = store.on("mei", "submit_job_requisition", requisition)
    with pytest.raises(Refusal):
        store.on("mei", "approve", request)
    store.on("mo", "reject", request, note="Not this year")
    with pytest.raises(Refusal, match="is not approved"):
        applied(store, requisition, "Lin")
    store.on("mei", "cancel_job_requisition", requisition)
    store.verify()


def test_no_more_offers_stand_than_places_and_a_declined_one_gives_its_place_back(store: Store, plant: dict) -> None:
    requisition = approved(store, plant)
    lin, tao = (interviewed(store, plant, requisition, name) for name in ("Lin", "Tao"))
    first = offered(store, lin)
    with pytest.raises(Refusal, match="all are hired or have an offer"):
        offered(store, tao)
    with pytest.raises(Refusal, match="An offer to this person stands"):
        store.on("hr", "withdraw_applicant", lin, closed_because="Found another")
    store.on("hr", "decline_offer", first, closed_because="Pay")
    store.on("hr", "withdraw_applicant", lin, closed_because="Found another")
    second = offered(store, tao)
    with pytest.raises(Refusal, match="wait for an answer"):
        store.on("mei", "cancel_job_requisition", requisition)
    store.on("hr", "accept_offer", second)
    store.on("hr", "hire_applicant", second)
    # Without pay in the offer payroll agrees it later.
    assert store.value("SELECT count(*) FROM hr.pay_agreement") == 0
    store.verify()


def test_an_offer_needs_an_interview_and_only_its_interviewer_records_it(store: Store, plant: dict) -> None:
    requisition = approved(store, plant)
    person = applied(store, requisition, "Lin")
    talk = store.on(
        "hr", "plan_interview", person, interviewer_id=plant["wei"]["id"], planned_at="2026-03-10T09:00:00+08:00"
    )
    with pytest.raises(Refusal, match="Nobody has recorded an interview"):
        offered(store, person)
    for other in ("bo", "hr"):
        with pytest.raises(Refusal, match="Your roles do not allow this|There is no"):
            store.on(other, "record_interview", talk, grade=1, recommendation="reject", notes="No")
    store.on("wei", "record_interview", talk, grade=2, recommendation="reject", notes="Afraid of fire")
    store.on("hr", "reject_applicant", person, closed_because="Not suitable")
    store.on("mei", "cancel_job_requisition", requisition)
    store.verify()


def test_who_is_rejected_is_erased_and_nothing_personal_is_left_in_the_tables(store: Store, plant: dict) -> None:
    person = interviewed(store, plant, approved(store, plant), "Lin", grade=2)
    with pytest.raises(Refusal, match="not possible"):
        store.on("hr", "erase_applicant", person)
    store.on("hr", "reject_applicant", person, closed_because="Not suitable")
    store.on("hr", "erase_applicant", person)
    assert store.rows("SELECT state, name, email, phone, note FROM hr.applicant") == [
        ("erased", None, None, None, None)
    ]
    assert store.rows("SELECT grade, notes FROM hr.interview") == [(2, None)]
    store.verify()


def test_who_applies_is_known_to_few_and_what_is_offered_to_payroll_alone(store: Store, plant: dict) -> None:
    requisition = approved(store, plant)
    person = interviewed(store, plant, requisition, "Lin")
    applied(store, requisition, "Tao")
    store.on("payroll", "put_in_offered_pay", offered(store, person), monthly_salary="9000")

    def seen(who: str, name: str) -> list[dict]:
        document = DOCUMENTS[name]
        with db.reading() as session:
            principal = policy.load_principal(session, store.users[who])
            if not principal.may_read(name):
                return []
            rows = reading.read_page(session, principal, document, reading.Query()).rows
            return [reading.as_json(row, reading.fields_of(principal, document, row)) for row in rows]

    assert [row["name"] for row in seen("hr", "applicant")] == ["Tao", "Lin"]
    # Whoever talks with the person knows the name, and not how to reach the person; others know of nobody.
    assert [(row["name"], "phone" in row) for row in seen("wei", "applicant")] == [("Lin", False)]
    assert seen("bo", "applicant") == seen("mei", "applicant") == seen("accountant", "applicant") == []
    assert [row["grade"] for row in seen("wei", "interview")] == [4]
    assert seen("bo", "interview") == []
    assert [row["monthly_salary"] for row in seen("payroll", "job_offer")] == ["9000"]
    assert ["monthly_salary" in row for row in seen("hr", "job_offer")] == [False]
    assert seen("manager", "job_offer") == []
    # Whoever asked for the position, and whoever was asked, sees how it goes.
    assert len(seen("mei", "job_requisition")) == len(seen("mo", "job_requisition")) == 1
    assert seen("bo", "job_requisition") == []
