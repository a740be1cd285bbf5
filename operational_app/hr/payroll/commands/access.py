"""Whoever looks at somebody's pay is written down: at the lowest layer, whichever way it is read.

Rows of pay that a reader's session loads (page, API, file, search, history) are noted when the reading ends. If that fails,
the reading fails: nothing of pay is shown unlogged. The work of a command is not reading: it stands in the change log.
"""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from operational_app.core import db
from operational_app.core.document import document_of
from operational_app.hr.payroll.models import PayAgreement, PayAmount, PayReading, Payslip, SalaryAdvance

LOGGED = (PayAgreement, PayAmount, Payslip, SalaryAdvance)


def _note(row: Any, context: Any) -> None:
    limits = context.session.info.get("limits")
    if limits is not None and limits.by_entity:
        seen = context.session.info.setdefault("pay_seen", set())
        seen.add((row.company_id, row.employee_id, document_of(type(row)).name, row.id))


def write_down(session: Session, bind: Engine | None) -> None:
    """Write down what the session has shown of pay."""
    seen = session.info.pop("pay_seen", None)
    if not seen:
        return
    principal = session.info["limits"].principal
    with db.transaction(actor=principal.username, command="read_pay", bind=bind) as log:
        log.add_all(
            PayReading(
                company_id=company_id,
                employee_id=employee_id,
                reader_id=principal.user_id,
                document_type=document_type,
                document_id=document_id,
            )
            for company_id, employee_id, document_type, document_id in sorted(seen)
        )


for _model in LOGGED:
    event.listen(_model, "load", _note)
db.AFTER_READING.append(write_down)
