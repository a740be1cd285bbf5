"""PostgreSQL through DuckDB's own reader: a million rows a second, where drivers give a twentieth of it.

Columns whose type DuckDB would not carry exactly (numeric without precision, json, arrays, …) are turned into text by
the source itself.
"""

import sqlalchemy as sa
from sqlalchemy.engine import URL

# Types that DuckDB's reader carries exactly and as what we call them, or as something that a cast makes of it.
NATIVE = {
    "SMALLINT", "INTEGER", "BIGINT", "BOOLEAN", "DATE", "TIMESTAMP", "VARCHAR", "TEXT", "CHAR", "BYTEA", "NUMERIC",
    "DOUBLE PRECISION", "REAL", "DOUBLE_PRECISION",
}  # fmt: skip
ALIAS = "outside"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def attach_statements(url: URL) -> list[str]:
    """SQL that attaches the source, read-only, as ALIAS; the password goes into a secret, and so into no message."""
    query = {name: value if isinstance(value, str) else value[0] for name, value in url.query.items()}
    fields = {
        "HOST": query.pop("host", None) or url.host or "localhost",
        "PORT": query.pop("port", None) or url.port,
        "DATABASE": url.database,
        "USER": url.username,
        "PASSWORD": url.password,
    }
    listed = ", ".join(f"{name} {quoted(str(value))}" for name, value in fields.items() if value)
    other = " ".join(f"{name}={value}" for name, value in query.items())
    return [
        f"CREATE OR REPLACE TEMPORARY SECRET {ALIAS} (TYPE postgres, {listed})",
        f"ATTACH IF NOT EXISTS {quoted(other)} AS {ALIAS} (TYPE postgres, SECRET {ALIAS}, READ_ONLY)",
    ]


def as_text(declared: sa.types.TypeEngine, kind: str) -> bool:
    """Whether the source has to turn a column into text for it to arrive as this type exactly."""
    if isinstance(declared, sa.types.Float):
        # A double's shortest text is what somebody wrote; a cast of the double would round.
        return kind != "DOUBLE"
    if isinstance(declared, sa.types.Numeric):
        return declared.precision is None or declared.precision > 38
    return str(declared).partition("(")[0].partition(" WITH")[0].upper() not in NATIVE


def cast_back(name: str, kind: str, was_text: bool) -> str:
    """SQL of DuckDB that gives a column its type again."""
    if not was_text:
        return f"CAST({name} AS {kind})"
    if kind.startswith("DECIMAL"):
        scale = int(kind.rstrip(")").rpartition(",")[2])
        # A cast would round: what has more decimals than the type is refused instead.
        too_fine = f"regexp_matches({name}, '\\.[0-9]{{{scale}}}[0-9]*[1-9]')"
        lost = f"{too_fine} OR NOT regexp_full_match({name}, '-?[0-9]+(\\.[0-9]+)?')"
        return f"CASE WHEN {lost} THEN error('§' || {name}) ELSE CAST({name} AS {kind}) END"
    return name if kind == "VARCHAR" else f"CAST({name} AS {kind})"
