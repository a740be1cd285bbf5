"""Facts that every installation begins with: currencies, units, VAT rates, and the operator who sets up the rest.

Rows that exist are left as they are: a company may have changed them.
"""

import csv
from pathlib import Path

from sqlalchemy import Connection, text

DATA = Path(__file__).resolve().parent / "data"
TABLES = ("currency", "unit", "vat_rate")

# The user as whom the command line acts. It has no password: nobody can sign in as it.
OPERATOR = "operator"


def load(connection: Connection) -> None:
    for table in TABLES:
        with (DATA / f"{table}.csv").open(newline="", encoding="utf-8") as stream:
            rows = [{name: value or None for name, value in row.items()} for row in csv.DictReader(stream)]
        columns = list(rows[0])
        connection.execute(
            text(
                f"INSERT INTO core.{table} ({', '.join(columns)}) SELECT "
                + ", ".join(f"CAST(:{name} AS {TYPES.get(name, 'text')})" for name in columns)
                + " ON CONFLICT DO NOTHING"
            ),
            rows,
        )
    connection.execute(
        text(
            "INSERT INTO core.app_user (username, name, language) VALUES (:name, 'Operator', 'en') "
            "ON CONFLICT (username) DO NOTHING"
        ),
        {"name": OPERATOR},
    )
    connection.execute(
        text(
            "INSERT INTO core.user_role (user_id, role_code) SELECT id, 'administrator' FROM core.app_user u "
            "WHERE username = :name AND NOT EXISTS (SELECT 1 FROM core.user_role r WHERE r.user_id = u.id)"
        ),
        {"name": OPERATOR},
    )


TYPES = {"minor_units": "bigint", "decimals": "bigint", "rate": "numeric", "valid_from": "date", "valid_to": "date"}
