"""The demonstration's users: who signs in as what, with a password each, made at set-up."""

import json
import os
import secrets
from pathlib import Path

import hub_settings

# User → (name, roles). `clerk` is the person of a small office who enters orders and ships them.
USERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "admin": ("Ada Admin", ("administrator",)),
    "clerk": ("Chen Clerk", ("sales", "warehouse")),
    "buyer": ("Bo Buyer", ("buyer",)),
    "planner": ("Ping Planner", ("planner",)),
    "accountant": ("An Accountant", ("accountant",)),
    "hr": ("Hui Human", ("hr",)),
    "payroll": ("Pei Payroll", ("payroll",)),
    "sales": ("Su Sales", ("sales",)),
    "manager": ("Ma Manager", ("manager",)),
    "engineer": ("En Engineer", ("engineer",)),
}


def passwords_file() -> Path:
    return hub_settings.home() / "demo-passwords.json"


def passwords() -> dict[str, str]:
    """User → password. Made once and kept in HUB_HOME, readable by its owner only: they are for a demonstration."""
    file = passwords_file()
    if file.exists():
        return json.loads(file.read_text())
    made = {user: secrets.token_urlsafe(9) for user in USERS}
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(made, stream, indent=1)
    return made
