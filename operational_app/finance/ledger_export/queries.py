"""Reading a company's whole ledger entry by entry, however long it is."""

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.orm import Session

from operational_app.finance.ledger_export.rules import Account, Commodity, Entry, Line

ACCOUNTS = text(
    """
    SELECT a.code, a.name, a.type, min(e.posting_date) AS first_date
    FROM finance.ledger_account a
    JOIN finance.journal_line l ON l.ledger_account_id = a.id JOIN finance.journal_entry e ON e.id = l.journal_entry_id
    WHERE a.company_id = :company GROUP BY a.id ORDER BY a.code
    """
)

# As many decimals as amounts of the currency really have, so that no program rounds what it shows.
COMMODITIES = text(
    """
    WITH used AS (
      SELECT currency, max(greatest(scale(trim_scale(debit)), scale(trim_scale(credit)))) AS decimals,
             max(greatest(scale(trim_scale(company_debit)), scale(trim_scale(company_credit)))) AS company_decimals
      FROM finance.journal_line WHERE company_id = :company GROUP BY currency
    )
    SELECT c.code, greatest(c.minor_units, u.decimals,
                            CASE WHEN c.code = :own THEN (SELECT max(company_decimals) FROM used) END)
    FROM core.currency c LEFT JOIN used u ON u.currency = c.code
    WHERE c.code = :own OR u.currency IS NOT NULL ORDER BY c.code
    """
)

LINES = text(
    """
    SELECT e.id, e.number, coalesce(e.external_id, e.number) AS entry_id, e.posting_date, e.description, e.is_exchange,
           l.line_no, a.code, a.name, a.type, l.description AS line_description, l.currency, l.debit, l.credit,
           l.company_debit, l.company_credit
    FROM finance.journal_entry e JOIN finance.journal_line l ON l.journal_entry_id = e.id
    JOIN finance.ledger_account a ON a.id = l.ledger_account_id
    WHERE e.company_id = :company ORDER BY e.posting_date, e.id, l.line_no
    """
)


def accounts(session: Session, company_id: int) -> list[Account]:
    """The accounts that have lines."""
    return [Account(*row) for row in session.execute(ACCOUNTS, {"company": company_id})]


def commodities(session: Session, company_id: int, own: str) -> list[Commodity]:
    """The currencies of the lines and the company's own, with the decimals that their amounts need."""
    return [Commodity(*row) for row in session.execute(COMMODITIES, {"company": company_id, "own": own})]


def entries(session: Session, company_id: int) -> Iterator[Entry]:
    """Every entry with its lines, by day."""
    rows = session.execute(LINES, {"company": company_id}, execution_options={"yield_per": 5_000})
    for _id, group in groupby(rows, key=lambda row: row.id):
        found = list(group)
        first = found[0]
        yield Entry(
            number=first.number,
            entry_id=first.entry_id,
            posting_date=first.posting_date,
            description=first.description,
            is_exchange=first.is_exchange,
            lines=[Line(*row[6:]) for row in found],
        )
