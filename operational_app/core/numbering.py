"""Numbers without gaps: the counter's row is updated in the transaction that uses the number.

A rolled-back command gives its number back, and two commands of the same series wait for one another: take the number
as late in a command as possible.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session


def next_number(session: Session, company_id: int, document: str, prefix: str, year: int | None) -> str:
    """The next number of a series, such as SO-2026-00017; without a year the series runs on: C-00042."""
    series = document if year is None else f"{document}:{year}"
    value = session.execute(
        text(
            "INSERT INTO core.number_sequence AS s (company_id, series, last_number) VALUES (:company, :series, 1) "
            "ON CONFLICT (company_id, series) DO UPDATE SET last_number = s.last_number + 1 RETURNING last_number"
        ),
        {"company": company_id, "series": series},
    ).scalar_one()
    return f"{prefix}-{value:05d}" if year is None else f"{prefix}-{year}-{value:05d}"
