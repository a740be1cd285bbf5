"""What keeps a period open: accounts that differ from the documents whose sum they are."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from operational_app.core.models import Company
from operational_app.finance.assets import checks as assets
from operational_app.finance.ledger import checks as ledger
from operational_app.finance.ledger.models import LedgerAccount, PostingAccount
from operational_app.finance.ledger.rules import CONTROLLED
from operational_app.finance.payables import checks as payables
from operational_app.finance.receivables import checks as receivables
from operational_app.finance.reimbursing import checks as reimbursing

TRUTHS = ledger.CHECKS | receivables.CHECKS | payables.CHECKS | assets.CHECKS | reimbursing.CHECKS


class Difference(NamedTuple):
    """A control account that is not the sum of its documents."""

    ledger_account: str
    ledger: Decimal
    documents: Decimal


def control_truths() -> dict[str, str]:
    """Purpose of a control account → the standing truth that compares it with its documents.

    The truths are those that `hub verify` knows: a period closes on the same words by which the store is judged. Each names
    the company's code, the ledger's side and the documents' side, in this order.
    """
    return {
        purpose: query for purpose in CONTROLLED for query in TRUTHS.values() if f"p.purpose = '{purpose}'" in query
    }


def differences(session: Session, company: Company) -> Iterator[Difference]:
    """The control accounts of a company that differ from their documents now."""
    for purpose, query in control_truths().items():
        found = session.execute(
            text(f"SELECT * FROM ({query}) broken WHERE code = :company"), {"company": company.code}
        ).one_or_none()
        if found is not None:
            account = session.execute(
                select(LedgerAccount.code, LedgerAccount.name)
                .join(PostingAccount, PostingAccount.ledger_account_id == LedgerAccount.id)
                .where(PostingAccount.company_id == company.id, PostingAccount.purpose == purpose)
            ).one()
            yield Difference(f"{account.code} {account.name}", Decimal(found[1]), Decimal(found[2]))
