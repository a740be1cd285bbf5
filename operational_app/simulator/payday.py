"""Pay in the simulated company, in two calls: agree it when somebody is hired, and run a month.

The story calls these; who acts are the demonstration's users. Each step's idempotency key gives the earlier answer, so
that a story can be told again after a crash.
"""

from collections.abc import Callable
from typing import Any

# user, command, body, key → answer; on(user, command, answer before, body, key) → answer, in the version it has now.
Run = Callable[[str, str, dict[str, Any], str], dict[str, Any]]
On = Callable[[str, str, dict[str, Any], dict[str, Any], str], dict[str, Any]]


def agree_pay(run: Run, company: str, employee_id: int, start_date: str, monthly_salary: str) -> dict[str, Any]:
    """Agree a salary from the first day on."""
    body = {
        "company": company,
        "employee_id": employee_id,
        "start_date": start_date,
        "monthly_salary": monthly_salary,
        "additional_deduction": "1500",
    }
    return run("payroll", "agree_pay", body, f"pay {employee_id} {start_date}")


def pay_month(run: Run, on: On, company: str, period_id: int, payment_date: str) -> dict[str, Any]:
    """Work out, have approved, post and pay the payroll of a month; months come in their order."""
    key = f"payroll {company} {period_id}"
    made = run("payroll", "start_payroll_run", {"company": company, "period_id": period_id}, key)
    request = on("payroll", "submit_payroll_run", made, {}, f"{key} submit")
    on("manager", "approve", request, {}, f"{key} approve")
    on("payroll", "post_payroll_run", made, {}, f"{key} post")
    return on("payroll", "pay_payroll_run", made, {"payment_date": payment_date}, f"{key} pay")
