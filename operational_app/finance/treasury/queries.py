"""What a line of a bank statement may be: money already booked, or an open invoice or bill that it settles."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from operational_app.finance.treasury.models import BankAccount, BankStatementLine
from operational_app.finance.treasury.rules.statements import Candidate, StatementLine

# Money that is booked on the account's ledger account and that no line has been matched with yet, signed like the bank's.
BOOKED = text(
    """
    SELECT e.document_type, e.document_id, sum(l.debit - l.credit) AS amount, coalesce(max(p.name), '') AS party,
           min(coalesce(r.number, y.number, m.number, e.number)) AS number,
           coalesce(min(coalesce(r.bank_reference, y.bank_reference, m.bank_reference)), '') AS reference
    FROM (SELECT id, number, coalesce(document_type, 'journal_entry') AS document_type,
                 coalesce(document_id, id) AS document_id, posting_date, company_id
          FROM finance.journal_entry WHERE company_id = :company) e
    JOIN finance.journal_line l ON l.journal_entry_id = e.id AND l.ledger_account_id = :account
    LEFT JOIN finance.receipt_of_money r ON e.document_type = 'receipt_of_money' AND r.id = e.document_id
    LEFT JOIN finance.payment y ON e.document_type = 'payment' AND y.id = e.document_id
    LEFT JOIN finance.employee_payment m
      ON e.document_type = 'employee_payment' AND m.id = e.document_id AND m.state = 'paid'
    LEFT JOIN core.party_role o ON o.id = coalesce(r.customer_id, y.supplier_id, m.employee_id)
    LEFT JOIN core.party p ON p.id = o.party_id
    WHERE (e.document_type IN ('receipt_of_money', 'payment', 'journal_entry') OR m.id IS NOT NULL)
      AND l.currency = :currency
      AND NOT EXISTS (SELECT 1 FROM finance.bank_statement_line b
                      WHERE b.document_type = e.document_type AND b.document_id = e.document_id)
    GROUP BY e.document_type, e.document_id
    """
)

OPEN_ITEMS = text(
    """
    SELECT 'sales_invoice' AS document_type, i.id AS document_id, i.open_amount AS amount, p.name AS party, i.number,
           coalesce(i.customer_reference, '') AS reference
    FROM finance.sales_invoice i JOIN core.party_role o ON o.id = i.customer_id JOIN core.party p ON p.id = o.party_id
    WHERE i.company_id = :company AND i.open_amount > 0 AND i.currency = :currency
    UNION ALL
    SELECT 'bill', b.id, -b.open_amount, p.name, b.number, b.supplier_reference
    FROM finance.bill b JOIN core.party_role o ON o.id = b.supplier_id JOIN core.party p ON p.id = o.party_id
    WHERE b.company_id = :company AND b.state = 'open' AND b.currency = :currency
    """
)


def _candidates(session: Session, statement: object, values: dict[str, object]) -> list[Candidate]:
    return [
        Candidate(
            document_type=row.document_type,
            document_id=row.document_id,
            amount=row.amount,
            party=row.party,
            names=(row.number, row.reference),
        )
        for row in session.execute(statement, values)  # type: ignore[call-overload]
    ]


def booked(session: Session, account: BankAccount) -> list[Candidate]:
    """Money that is booked and that no line of a statement is known to be yet."""
    values = {"company": account.company_id, "account": account.ledger_account_id, "currency": account.currency}
    return _candidates(session, BOOKED, values)


def open_items(session: Session, account: BankAccount) -> list[Candidate]:
    """Open invoices and bills that a line may settle."""
    return _candidates(session, OPEN_ITEMS, {"company": account.company_id, "currency": account.currency})


def as_said(line: BankStatementLine) -> StatementLine:
    """A stored line in the words of the rules."""
    return StatementLine(
        day=line.business_date,
        amount=line.amount,
        reference=line.bank_reference,
        party=line.party_name,
        description=line.description,
    )


def booked_amount(session: Session, account: BankAccount, document_type: str, document_id: int) -> Decimal | None:
    """What a document moved on the account, where it has moved anything and no line is known to be it yet."""
    return next(
        (
            candidate.amount
            for candidate in booked(session, account)
            if (candidate.document_type, candidate.document_id) == (document_type, document_id)
        ),
        None,
    )


def described(candidates: Sequence[Candidate]) -> list[dict[str, object]]:
    """Candidates as an answer tells them."""
    return [
        {"document": each.document_type, "id": each.document_id, "number": each.names[0], "party": each.party}
        for each in candidates
    ]
