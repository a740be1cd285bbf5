"""Hire to pay: what a month of work comes to, what is paid, what the books say of it, and what changes afterwards."""

from decimal import Decimal

import pytest

from operational_app.core.errors import PeriodClosed, Refusal
from operational_app.hr.errors import PayrollOutOfOrder, PayrollUnderWay
from tests.conftest import Store
from tests.hr.payday import agree, approve_and_post, entry, lines, pay, period, scheme, slip, start
from tests.hr.staff import join, leave_type


@pytest.fixture
def office(store: Store) -> dict:
    scheme(store)
    return store.run("hr", "add_department", code="O", name="Office")


@pytest.fixture
def wei(store: Store, office: dict) -> dict:
    return join(store, "Wei", office)


def unpaid_leave(store: Store, first: str, last: str) -> None:
    """Wei asks, Mei approves."""
    department = {"document": "department", "id": store.value("SELECT id FROM hr.department WHERE code = 'O'")}
    if "mei" not in store.users:
        mei = join(store, "Mei", department)
        store.on("hr", "set_department_management", department, manager_id=mei["id"])
    kind = leave_type(store, "UNPAID")["id"]
    wanted = store.run("wei", "request_leave", leave_type_id=kind, start_date=first, end_date=last)
    request = store.on("wei", "submit_leave_request", wanted)
    if store.on("mei", "approve", request)["state"] == "pending":
        store.on("hr", "approve", request)


def test_the_tax_authoritys_example_is_withheld_month_by_month(store: Store, wei: dict) -> None:
    """30,000 a month, special deductions 4,500, additional deductions 2,000: 555, 625, 1,850."""
    store.run(
        "payroll",
        "enter_social_insurance_scheme",
        valid_from="2025-06-01",
        rates=[{"code": "ALL", "name": "All", "employee_rate": "0.15", "employer_rate": "0", "base_cap": "30000"}],
    )
    agree(store, wei, "30000", additional_deduction="2000")
    for month in ("2026-01", "2026-02", "2026-03"):
        pay(store, month)
    assert [slip(store, f"2026-0{m}", wei)["tax"] for m in (1, 2, 3)] == [555, 625, 1850]
    store.verify()


def test_G16_a_payroll_is_in_the_ledger_to_the_last_unit(store: Store, wei: dict) -> None:
    """Gross 10,000; employee insurance 1,050; tax 200; employer insurance 2,600: Dr 12,600; Cr 8,750, 3,650, 200."""
    # January brings the year into the second bracket, so that February's tax is 10 % of 2,000.
    agree(store, wei, "60000", insurance_base="10000", additional_deduction="1950")
    pay(store, "2026-01")
    agree(store, wei, "10000", "2026-02-01", insurance_base="10000", additional_deduction="1950")
    run = pay(store, "2026-02")
    assert slip(store, "2026-02", wei) == {
        "gross": 10000, "insurance_employee": 1050, "tax": 200, "deduction": 0, "net": 8750,
    }  # fmt: skip
    assert [(account, debit, credit) for account, debit, credit, _text in entry(store, run)] == [
        ("6602.02", 12600, 0),
        ("2211.01", 0, 8750),
        ("2211.02", 0, 3650),
        ("2221.09", 0, 200),
    ]
    store.on("payroll", "pay_payroll_run", run, payment_date="2026-03-05")
    assert [(account, debit, credit) for account, debit, credit, _text in entry(store, run)][4:] == [
        ("2211.01", 8750, 0),
        ("1002", 0, 8750),
    ]
    store.verify()


def test_G15_unpaid_leave_approved_after_the_run_is_corrected_in_the_next(store: Store, wei: dict) -> None:
    agree(store, wei, "21750", insurance_base="10000")
    pay(store, "2026-01")
    before = store.rows("SELECT * FROM hr.payslip ORDER BY id"), store.rows("SELECT * FROM hr.payslip_line ORDER BY id")
    unpaid_leave(store, "2026-01-12", "2026-01-13")
    run = pay(store, "2026-02")
    own = [slip_ for slip_ in before[0]]
    assert store.rows("SELECT * FROM hr.payslip ORDER BY id")[: len(own)] == own
    assert store.rows("SELECT * FROM hr.payslip_line ORDER BY id")[: len(before[1])] == before[1]
    assert [line for line in lines(store, "2026-02", wei) if line[0] in ("BASE", "UNPAID")] == [
        ("UNPAID", "2026-01", Decimal(-2000), True),
        ("BASE", "2026-02", Decimal(21750), False),
    ]
    assert slip(store, "2026-02", wei)["gross"] == 19750
    assert sum(debit - credit for account, debit, credit, _t in entry(store, run) if account == "6602.02") == 22350
    # Given up again, it comes back in the month after; and the year's tax is what the year's income bears.
    request = {"document": "leave_request", "id": store.value("SELECT id FROM hr.leave_request")}
    store.on("wei", "cancel_leave_request", request)
    pay(store, "2026-03")
    assert ("UNPAID", "2026-01", Decimal(2000), True) in lines(store, "2026-03", wei)
    income, withheld = store.rows(
        "SELECT sum(taxable_amount), sum(income_tax_amount) FROM hr.payslip WHERE employee_id = %s", wei["id"]
    )[0]
    assert (income, withheld) == (3 * 21750, (3 * (21750 - 5000 - 1050)) * Decimal("0.1") - 2520)
    store.verify()


def test_a_rise_from_an_earlier_day_is_paid_for_the_months_that_were_paid(store: Store, wei: dict) -> None:
    agree(store, wei, "8000")
    pay(store, "2026-01")
    pay(store, "2026-02")
    agree(store, wei, "9000", "2026-02-01")
    pay(store, "2026-03")
    assert [line for line in lines(store, "2026-03", wei) if line[0] == "BASE"] == [
        ("BASE", "2026-02", 1000, True),
        ("BASE", "2026-03", 9000, False),
    ]
    store.verify()


def test_who_comes_in_the_middle_of_a_month_is_paid_by_working_days(store: Store, office: dict) -> None:
    lin = join(store, "Lin", office, start="2026-01-19")
    agree(store, lin, "8800", "2026-01-19")
    pay(store, "2026-01")
    # 10 of the 22 working days; not yet here on the 15th, so insured elsewhere.
    assert slip(store, "2026-01", lin) == {
        "gross": 4000, "insurance_employee": 0, "tax": 0, "deduction": 0, "net": 4000,
    }  # fmt: skip


def test_a_bonus_and_an_advance_go_on_the_payslip_and_the_rest_of_the_advance_on_the_next(
    store: Store, wei: dict
) -> None:
    agree(store, wei, "3000", is_insured=False)
    store.run("payroll", "pay_salary_advance", employee_id=wei["id"], business_date="2026-01-10", amount="4200")
    store.run(
        "payroll", "enter_pay_amount", employee_id=wei["id"], period_id=period(store, "2026-01"),
        component="BONUS", amount="500",
    )  # fmt: skip
    run = pay(store, "2026-01")
    assert slip(store, "2026-01", wei) == {
        "gross": 3500, "insurance_employee": 0, "tax": 0, "deduction": 3500, "net": 0,
    }  # fmt: skip
    assert [(a, d, c) for a, d, c, _t in entry(store, run)] == [("6602.02", 3500, 0), ("1221.01", 0, 3500)]
    pay(store, "2026-02")
    assert slip(store, "2026-02", wei)["net"] == 2300
    assert store.rows("SELECT state, open_amount FROM hr.salary_advance") == [("settled", 0)]
    store.verify()


def test_pay_that_does_not_cover_the_insurance_is_owed_and_taken_off_later(store: Store, wei: dict) -> None:
    agree(store, wei, "2000", insurance_base="10000")
    unpaid_leave(store, "2026-01-01", "2026-01-30")
    run = pay(store, "2026-01")
    assert slip(store, "2026-01", wei)["net"] == 0
    assert ("1221.01", 1050, 0) in [(a, d, c) for a, d, c, _t in entry(store, run)]
    pay(store, "2026-02")
    assert slip(store, "2026-02", wei) == {
        "gross": 2000, "insurance_employee": 1050, "tax": 0, "deduction": 950, "net": 0,
    }  # fmt: skip
    store.verify()


def test_who_leaves_is_settled_with_leave_that_was_not_taken(store: Store, office: dict, wei: dict) -> None:
    agree(store, wei, "21750", is_insured=False)
    store.on("hr", "accrue_leave", leave_type(store, "ANNUAL"), until_date="2026-06-30")
    store.on("hr", "end_employment", wei, end_date="2026-01-16")
    settled = store.run("payroll", "start_final_settlement", employee_id=wei["id"], period_id=period(store, "2026-01"))
    approve_and_post(store, settled)
    # 12 of 22 working days; 2.5 days of leave at twice the daily wage beside the wage itself.
    assert [line[:3] for line in lines(store, "2026-01", wei) if line[0] != "TAX"] == [
        ("BASE", "2026-01", Decimal("11863.64")),
        ("LEAVEPAY", "2026-01", Decimal("5000")),
    ]
    assert store.value("SELECT sum(day_count) FROM hr.leave_balance") == 0
    # What one person is paid is in nobody's ledger: it is booked with the month's run, which has nothing more to pay him.
    assert store.value("SELECT count(*) FROM finance.journal_entry") == 0
    store.on("payroll", "pay_payroll_run", settled, payment_date="2026-01-16")
    for name in ("Lin", "Mei", "Bao"):
        agree(store, join(store, name, office), "10000", is_insured=False)
    run = pay(store, "2026-01")
    assert run["state"] == "posted"
    assert [line[:3] for line in entry(store, run)] == [
        ("6602.02", Decimal("46863.64"), 0),
        ("2211.01", 0, store.value("SELECT sum(net_pay_amount) FROM hr.payslip")),
        ("2221.09", 0, store.value("SELECT sum(income_tax_amount) FROM hr.payslip")),
    ]
    store.on("payroll", "pay_payroll_run", run, payment_date="2026-02-05")
    assert store.value("SELECT sum(credit - debit) FROM finance.journal_line l JOIN finance.ledger_account a "
                       "ON a.id = l.ledger_account_id WHERE a.code = '2211.01'") == 0  # fmt: skip
    store.verify()


def test_L_11_the_ledger_shows_totals_of_cost_centres_and_never_what_one_earns(store: Store, office: dict) -> None:
    shop = store.run("hr", "add_department", code="S", name="Shop", cost_kind="selling")
    plant = store.run("hr", "add_department", code="P", name="Plant", cost_kind="production")
    salaries = {"O": ["7001"], "S": ["6003", "6007"], "P": ["5011", "5013", "5017", "5021"]}
    for department, code in ((office, "O"), (shop, "S"), (plant, "P")):
        for number, salary in enumerate(salaries[code]):
            agree(store, join(store, f"Worker {code} {number}".replace(" ", ""), department), salary, is_insured=False)
    run = pay(store, "2026-01")
    found = entry(store, run)
    assert [line[:3] for line in found if line[1]] == [("5101.02", 20062, 0), ("6601.01", 19011, 0)]
    assert found[1][3] == "Pay of several small cost centres, 3 people"
    nets = {amount for (amount,) in store.rows("SELECT net_pay_amount FROM hr.payslip")}
    grosses = {amount for (amount,) in store.rows("SELECT gross_amount FROM hr.payslip")}
    assert not (nets | grosses) & {amount for line in found for amount in line[1:3]}
    assert store.value("SELECT count(*) FROM finance.journal_line WHERE party_role_id IS NOT NULL") == 0
    # The proof that stands on the entry is the one over the payslips.
    text = store.value("SELECT description FROM finance.journal_entry WHERE document_type = 'payroll_run'")
    assert store.value("SELECT proof_hash FROM hr.payroll_run") in text
    assert "7 payslips, proof total 39073.00" in text
    # Nor does what the module announced, nor what the office keeps of the decision.
    announced = str(store.rows("SELECT payload FROM core.event WHERE name LIKE 'Payroll%%'"))
    facts = str(store.rows("SELECT value FROM oa.approval_fact"))
    assert not any(str(int(amount)) in announced + facts for amount in nets | grosses)
    store.verify()


def test_a_payroll_waits_for_the_management_and_nobody_changes_it_meanwhile(store: Store, wei: dict) -> None:
    agree(store, wei, "8000")
    run = start(store, "2026-01")
    with pytest.raises(Refusal, match="needs an approval"):
        store.on("payroll", "post_payroll_run", run)
    with pytest.raises(PayrollUnderWay):
        start(store, "2026-01")
    request = store.on("payroll", "submit_payroll_run", run)
    with pytest.raises(Refusal):
        store.on("payroll", "recalculate_payroll_run", run)
    store.on("manager", "return_to", request, note="Where is the bonus?")
    store.on("payroll", "recalculate_payroll_run", run)
    approve_and_post(store, run)
    with pytest.raises(Refusal):
        store.on("payroll", "cancel_payroll_run", run)
    with pytest.raises(PayrollOutOfOrder):
        start(store, "2026-03")


def test_a_closed_month_takes_no_payroll(store: Store, wei: dict) -> None:
    agree(store, wei, "8000")
    run = start(store, "2026-01")
    store.on("manager", "approve", store.on("payroll", "submit_payroll_run", run))
    store.close("2026-01")
    with pytest.raises(PeriodClosed):
        store.on("payroll", "post_payroll_run", run)
    assert store.value("SELECT state FROM hr.payroll_run") == "approved"


def test_overtime_is_paid_by_the_kind_of_day(store: Store, wei: dict) -> None:
    agree(store, wei, "17400", is_insured=False)
    store.run("hr", "set_calendar_day", work_date="2026-01-01", kind="holiday", name="New year")
    for day in ("2026-01-01", "2026-01-03"):
        for clock, direction in (("09:00", "come"), ("11:00", "go")):
            store.run(
                "hr", "record_punch", employee_id=wei["id"], punched_at=f"{day}T{clock}:00+08:00", direction=direction
            )
    store.run("hr", "work_out_attendance", start_date="2026-01-01", end_date="2026-01-31")
    pay(store, "2026-01")
    # 100 an hour: two hours on a holiday at three times, two on a rest day at twice.
    assert ("OVERTIME", "2026-01", Decimal(1000), False) in lines(store, "2026-01", wei)


def test_a_posted_payslip_is_changed_by_nobody(store: Store, wei: dict) -> None:
    import psycopg

    import hub_settings

    agree(store, wei, "8000")
    pay(store, "2026-01")
    with psycopg.connect(hub_settings.database_url("hub_app"), autocommit=True) as app:
        for statement in (
            "UPDATE hr.payslip SET net_pay_amount = net_pay_amount + 1, gross_amount = gross_amount + 1",
            "UPDATE hr.payslip_line SET amount = amount + 1",
            "DELETE FROM hr.payslip_line",
            "UPDATE hr.payroll_run SET gross_amount = 0",
        ):
            with pytest.raises(psycopg.Error):
                app.execute(statement)


def test_the_simulated_company_pays_a_month_in_two_calls(store: Store, wei: dict) -> None:
    from operational_app.simulator import payday

    def run(user: str, command: str, body: dict, key: str) -> dict:
        return store.run(user, command, key, **body)

    def on(user: str, command: str, before: dict, body: dict, key: str) -> dict:
        return store.on(user, command, before, **body)

    payday.agree_pay(run, "DEMO", wei["id"], "2026-01-01", "9000")
    done = payday.pay_month(run, on, "DEMO", period(store, "2026-01"), "2026-02-05")
    assert done["state"] == "paid"
    store.verify()
