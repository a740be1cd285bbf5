"""Words for tests about pay: agree it, run it, and read what came out."""

from decimal import Decimal

from tests.conftest import Store

# Every branch of the test's scheme: 10.5 % from the employee, 26 % from the employer, of bases between 0 and 36,000.
RATES = (("PENSION", "0.08", "0.16"), ("MEDICAL", "0.02", "0.09"), ("JOBLESS", "0.005", "0.01"))


def scheme(store: Store) -> None:
    store.run(
        "payroll",
        "enter_social_insurance_scheme",
        valid_from="2025-01-01",
        rates=[
            {"code": code, "name": code.title(), "employee_rate": own, "employer_rate": theirs, "base_cap": "36000"}
            for code, own, theirs in RATES
        ],
    )


def period(store: Store, code: str) -> int:
    return store.value("SELECT id FROM core.period WHERE code = %s", code)


def agree(store: Store, person: dict, salary: str, start: str = "2026-01-01", **more: object) -> dict:
    return store.run("payroll", "agree_pay", employee_id=person["id"], start_date=start, monthly_salary=salary, **more)


def start(store: Store, month: str) -> dict:
    return store.run("payroll", "start_payroll_run", period_id=period(store, month))


def approve_and_post(store: Store, run: dict) -> dict:
    request = store.on("payroll", "submit_payroll_run", run)
    store.on("manager", "approve", request)
    return store.on("payroll", "post_payroll_run", run)


def pay(store: Store, month: str) -> dict:
    return approve_and_post(store, start(store, month))


def slip(store: Store, month: str, person: dict) -> dict[str, Decimal]:
    """What the payslips of a month come to for a person."""
    names = ("gross", "insurance_employee", "tax", "deduction", "net")
    own = {"tax": "income_tax", "net": "net_pay"}
    columns = ", ".join(f"sum(s.{own.get(name, name)}_amount)" for name in names)
    row = store.rows(
        f"SELECT {columns} FROM hr.payslip s JOIN core.period p ON p.id = s.period_id "
        "WHERE p.code = %s AND s.employee_id = %s",
        month,
        person["id"],
    )[0]
    return dict(zip(names, row, strict=True))


def lines(store: Store, month: str, person: dict) -> list[tuple]:
    """Component, month that it is for, amount, whether it corrects."""
    return store.rows(
        "SELECT l.component, f.code, l.amount, l.is_correction FROM hr.payslip_line l "
        "JOIN hr.payslip s ON s.id = l.payslip_id JOIN core.period p ON p.id = s.period_id "
        "JOIN core.period f ON f.id = l.period_id WHERE p.code = %s AND s.employee_id = %s ORDER BY s.id, l.line_no",
        month,
        person["id"],
    )


def entry(store: Store, run: dict) -> list[tuple]:
    """Account, debit, credit, text of the entry that a run posted."""
    return store.rows(
        "SELECT a.code, l.debit, l.credit, l.description FROM finance.journal_line l "
        "JOIN finance.journal_entry e ON e.id = l.journal_entry_id "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id "
        "WHERE e.document_type = 'payroll_run' AND e.document_id = %s ORDER BY e.id, l.line_no",
        run["id"],
    )
