"""L-8: leave and corrections of attendance are asked for and approved in the office, and booked with the people."""

from decimal import Decimal

import pytest

from operational_app.core.errors import InvalidInput, Refusal
from operational_app.hr.errors import LeaveOverdrawn
from tests.conftest import Store
from tests.hr.staff import join, leave_type


@pytest.fixture
def team(store: Store) -> dict[str, dict]:
    """Wei and Lin work for Mei, who works for Bao."""
    workshop = store.run("hr", "add_department", code="W", name="Workshop")
    people = {name: join(store, name.title(), workshop) for name in ("wei", "lin", "mei", "bao")}
    store.on("hr", "set_department_management", workshop, manager_id=people["mei"]["id"])
    return people


def balance(store: Store) -> Decimal:
    return store.value("SELECT sum(day_count) FROM hr.leave_balance")


def earn(store: Store, until: str) -> None:
    store.on("hr", "accrue_leave", leave_type(store, "ANNUAL"), until_date=until)


def ask(store: Store, who: str, code: str, start: str, end: str) -> dict:
    return store.run(who, "request_leave", leave_type_id=leave_type(store, code)["id"], start_date=start, end_date=end)


def test_L_8_leave_is_asked_for_approved_by_the_manager_and_booked(store: Store, team: dict[str, dict]) -> None:
    earn(store, "2026-12-31")
    assert balance(store) == 4 * 5
    store.run("hr", "set_calendar_day", work_date="2026-05-01", kind="holiday", name="Labour day")
    # Thursday to Tuesday, with a holiday on Friday and a weekend: three working days.
    wanted = ask(store, "wei", "ANNUAL", "2026-04-30", "2026-05-05")
    assert store.value("SELECT day_count FROM hr.leave_request") == 3
    request = store.on("wei", "submit_leave_request", wanted)
    assert (request["document"], request["state"]) == ("approval", "pending")
    assert balance(store) == 20
    with pytest.raises(Refusal, match="There is no request for approval"):
        store.on("lin", "approve", request)
    store.on("mei", "approve", request)
    assert store.value("SELECT state FROM hr.leave_request") == "approved"
    assert balance(store) == 17
    # The card that Mei decided on: what Wei has left after it.
    assert store.rows("SELECT DISTINCT fact, value FROM oa.approval_fact") == [("leave_left", "2")]
    store.on("wei", "cancel_leave_request", wanted)
    assert balance(store) == 20
    store.verify()


def test_L_8_who_decides_sees_who_else_is_away(store: Store, team: dict[str, dict]) -> None:
    for who in ("lin", "wei"):
        request = store.on(who, "submit_leave_request", ask(store, who, "UNPAID", "2026-06-01", "2026-06-02"))
        store.on("mei", "approve", request)
    assert store.rows("SELECT DISTINCT fact, about, value FROM oa.approval_fact") == [("colleagues_away", "Lin", "2")]


def test_L_8_a_rejected_or_returned_request_takes_nothing_and_can_be_written_anew(
    store: Store, team: dict[str, dict]
) -> None:
    earn(store, "2026-12-31")
    wanted = ask(store, "wei", "ANNUAL", "2026-06-01", "2026-06-03")
    store.on("mei", "reject", store.on("wei", "submit_leave_request", wanted), note="Too much work")
    assert (store.value("SELECT state FROM hr.leave_request"), balance(store)) == ("rejected", 20)
    kind = leave_type(store, "ANNUAL")["id"]
    store.on("wei", "change_leave_request", wanted, leave_type_id=kind, start_date="2026-06-08", end_date="2026-06-08")
    store.on("mei", "approve", store.on("wei", "submit_leave_request", wanted))
    assert balance(store) == 19
    store.verify()


def test_more_leave_than_is_left_is_refused_when_asked_and_when_approved(store: Store, team: dict[str, dict]) -> None:
    earn(store, "2026-12-31")
    with pytest.raises(LeaveOverdrawn):
        ask(store, "wei", "ANNUAL", "2026-06-01", "2026-06-08")
    first = store.on("wei", "submit_leave_request", ask(store, "wei", "ANNUAL", "2026-06-01", "2026-06-05"))
    second = store.on("wei", "submit_leave_request", ask(store, "wei", "ANNUAL", "2026-07-06", "2026-07-10"))
    store.on("mei", "approve", first)
    with pytest.raises(LeaveOverdrawn):
        store.on("mei", "approve", second)
    assert balance(store) == 15


def test_two_leaves_in_the_same_days_are_refused(store: Store, team: dict[str, dict]) -> None:
    store.on("wei", "submit_leave_request", ask(store, "wei", "UNPAID", "2026-06-01", "2026-06-05"))
    again = ask(store, "wei", "SICK", "2026-06-05", "2026-06-08")
    with pytest.raises(Refusal, match="in another leave"):
        store.on("wei", "submit_leave_request", again)


def test_leave_is_earned_by_whole_months_and_never_twice(store: Store, team: dict[str, dict]) -> None:
    for until in ("2026-03-31", "2026-03-31", "2026-06-29", "2026-12-31"):
        earn(store, until)
    assert store.rows(
        "SELECT entry_date::text, e.day_count FROM hr.leave_entry e JOIN hr.leave_balance b ON b.id = e.leave_balance_id "
        "WHERE b.employee_id = %s ORDER BY 1",
        team["wei"]["id"],
    ) == [
        ("2026-03-31", Decimal("1.25")),
        ("2026-06-29", Decimal("0.83")),
        ("2026-12-31", Decimal("2.92")),
    ]


def test_what_is_not_carried_over_is_lost_and_what_is_carried_expires(store: Store, team: dict[str, dict]) -> None:
    annual = leave_type(store, "ANNUAL")
    store.on("hr", "change_leave_type", annual, days_per_year="12", carry_over_days="4", carry_over_months=3)
    earn(store, "2026-12-31")
    store.on("hr", "close_leave_year", annual, year=2026)
    store.on("hr", "close_leave_year", annual, year=2026)
    assert balance(store) == 4 * 4
    store.on(
        "mei",
        "approve",
        store.on("wei", "submit_leave_request", ask(store, "wei", "ANNUAL", "2027-03-01", "2027-03-01")),
    )
    earn(store, "2027-01-31")
    store.on("hr", "expire_carried_leave", annual, year=2026)
    store.on("hr", "expire_carried_leave", annual, year=2026)
    # Everybody has the day earned in January; the four carried over are gone, Wei's one of them by taking it.
    assert balance(store) == 4 * 1
    store.verify()


def attendance(store: Store, who: dict) -> list[tuple]:
    return store.rows(
        "SELECT work_date::text, kind, result, worked_minutes, late_minutes, early_minutes, overtime_minutes "
        "FROM hr.attendance_day WHERE employee_id = %s ORDER BY work_date",
        who["id"],
    )


def test_L_8_punches_become_days_and_a_wrong_one_is_corrected_through_the_manager(
    store: Store, team: dict[str, dict]
) -> None:
    day = store.run("hr", "add_shift", code="D", name="Day", start_time="08:00", end_time="17:00", break_minutes=60)
    store.on("hr", "plan_shift", day, employee_id=team["wei"]["id"], start_date="2026-06-01", end_date="2026-06-05")
    number = store.value("SELECT number FROM core.party_role WHERE id = %s", team["wei"]["id"])
    file = "employee,time,direction\n" + "".join(
        f"{number},{moment},{direction}\n"
        for moment, direction in (
            ("2026-06-01 07:58", "in"),
            ("2026-06-01 17:02", "out"),
            ("2026-06-02 08:20", "in"),
            ("2026-06-02 16:30", "out"),
            ("2026-06-03 08:00", "in"),
            ("2026-06-06 09:00", "in"),
            ("2026-06-06 12:00", "out"),
        )
    )
    done = store.run("hr", "import_punches", file_name="gate.csv", content=file)
    assert done["details"] == {"row_count": 7, "known_count": 0}
    assert store.run("hr", "import_punches", file_name="gate.csv", content=file)["details"]["row_count"] == 0
    store.run("hr", "work_out_attendance", start_date="2026-06-01", end_date="2026-06-07")
    assert attendance(store, team["wei"]) == [
        ("2026-06-01", "workday", "present", 484, 0, 0, 4),
        ("2026-06-02", "workday", "present", 430, 20, 30, 0),
        ("2026-06-03", "workday", "incomplete", 0, 0, 0, 0),
        ("2026-06-04", "workday", "absent", 0, 0, 0, 0),
        ("2026-06-05", "workday", "absent", 0, 0, 0, 0),
        ("2026-06-06", "restday", "present", 180, 0, 0, 180),
    ]
    correction = store.run(
        "wei",
        "ask_for_attendance_correction",
        work_date="2026-06-03",
        start_time="08:00",
        end_time="18:30",
        reason="Forgot to punch",
    )
    request = store.on("wei", "submit_attendance_correction", correction)
    assert attendance(store, team["wei"])[2][2] == "incomplete"
    store.on("mei", "approve", request)
    assert attendance(store, team["wei"])[2] == ("2026-06-03", "workday", "present", 570, 0, 0, 90)
    store.verify()


def test_a_night_shift_belongs_to_the_day_on_which_it_begins(store: Store, team: dict[str, dict]) -> None:
    night = store.run("hr", "add_shift", code="N", name="Night", start_time="22:00", end_time="06:00", break_minutes=30)
    store.on("hr", "plan_shift", night, employee_id=team["wei"]["id"], start_date="2026-06-01", end_date="2026-06-02")
    for moment, direction in (
        ("2026-06-01T21:55:00+08:00", "come"),
        ("2026-06-02T06:05:00+08:00", "go"),
        ("2026-06-02T22:00:00+08:00", "come"),
        ("2026-06-03T06:00:00+08:00", "go"),
    ):
        store.run("hr", "record_punch", employee_id=team["wei"]["id"], punched_at=moment, direction=direction)
    store.run("hr", "work_out_attendance", start_date="2026-06-01", end_date="2026-06-03")
    assert [(day, worked) for day, _k, _r, worked, *_rest in attendance(store, team["wei"])] == [
        ("2026-06-01", 460),
        ("2026-06-02", 450),
    ]


def test_a_file_with_mistakes_brings_nothing_and_names_each(store: Store, team: dict[str, dict]) -> None:
    file = "employee,time,direction\nE-0,2026-06-01 08:00,in\nE-0,noon,up\n"
    with pytest.raises(InvalidInput) as refused:
        store.run("hr", "import_punches", file_name="gate.csv", content=file)
    assert set(refused.value.fields) == {"2.employee", "3.employee", "3.time", "3.direction"}
    assert store.value("SELECT count(*) FROM hr.punch") == 0


def test_people_see_their_own_leave_and_days_and_nobody_elses(store: Store, team: dict[str, dict]) -> None:
    from operational_app.core import db, policy, reading, row_policy
    from operational_app.core.document import DOCUMENTS

    wanted = ask(store, "wei", "SICK", "2026-06-01", "2026-06-02")
    store.on("wei", "submit_leave_request", wanted)

    def seen(user: str) -> int:
        with db.reading() as session:
            principal = policy.load_principal(session, store.users[user])
            row_policy.limit(session, principal)
            return len(list(session.scalars(reading.visible(principal, DOCUMENTS["leave_request"]))))

    assert [seen(user) for user in ("wei", "mei", "lin", "manager", "hr")] == [1, 1, 0, 0, 1]
