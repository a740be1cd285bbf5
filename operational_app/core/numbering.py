"""Numbers without gaps: the counter's row is updated in the transaction that uses the number.

A rolled-back command gives its number back, and two commands of the same series wait for one another: take the number
as late in a command as possible.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session


def next_number(session: Session, company_id: int, document: str, prefix: str, year: int | None) -> str:
    """The next number of a series, such as SO-2026-00017; without a year the series runs on: C-00042."""
    return next_numbers(session, company_id, document, prefix, year, 1)[0]


def next_numbers(
    session: Session, company_id: int, document: str, prefix: str, year: int | None, count: int
) -> list[str]:
    """The next `count` numbers of a series at once, for documents that come in bulk."""
    series = document if year is None else f"{document}:{year}"
    last = session.execute(
        text(
            "INSERT INTO core.number_sequence AS s (company_id, series, last_number) VALUES (:company, :series, :count) "
            "ON CONFLICT (company_id, series) DO UPDATE SET last_number = s.last_number + :count RETURNING last_number"
        ),
        {"company": company_id, "series": series, "count": count},
    ).scalar_one()
    head = f"{prefix}-" if year is None else f"{prefix}-{year}-"
    return [f"{head}{value:05d}" for value in range(last - count + 1, last + 1)]
