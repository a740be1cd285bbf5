"""People for tests: an employee with a user who signs in, a department, a line of management."""

from datetime import date, datetime

from operational_app.hr.time.rules import ZONE
from tests.conftest import PASSWORD, Store


def today() -> date:
    return datetime.now(ZONE).date()


def join(store: Store, name: str, department: dict, *roles: str, start: str = "2026-01-01") -> dict:
    """A person with a user of the same name (lower case), in a department, with roles."""
    hired = store.run(
        "hr", "hire_employee", name=name, department_id=department["id"], position="Staff", start_date=start
    )
    user = store.run("administrator", "add_user", username=name.lower(), name=name, password=PASSWORD)
    for role in roles or ("employee",):
        store.on("administrator", "give_role", user, role=role)
    store.on("administrator", "give_user_to_employee", hired, username=name.lower())
    store.users[name.lower()] = user["id"]
    return hired


def leave_type(store: Store, code: str) -> dict:
    return {
        "document": "leave_type",
        "id": store.value("SELECT id FROM hr.leave_type WHERE code = %s", code),
    }
