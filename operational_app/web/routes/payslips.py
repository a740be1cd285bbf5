"""Payslips as PDF, for whoever may read them; as every reading of pay, it is written down."""

from fastapi import APIRouter, Request
from sqlalchemy import Engine
from starlette.responses import Response

from operational_app.core import db, reading
from operational_app.core.document import DOCUMENTS
from operational_app.core.i18n import current_language
from operational_app.core.models import Period
from operational_app.core.row_policy import UNLIMITED
from operational_app.web import payslip_pdf
from operational_app.web.routes.api import Reader, problems
from operational_app.web.routes.pages import id_of
from operational_app.web.visitor import Visitor, limited, visitor_of


def router(bind: Engine | None) -> APIRouter:
    routes = APIRouter()

    def pdf_of(visitor: Visitor, row_id: int) -> Response:
        document = DOCUMENTS["payslip"]
        with db.reading(bind) as session:
            limited(session, visitor)
            slip = reading.read_one(session, visitor.principal, document, row_id)
            lines = reading.read_lines(session, document.lines[0], slip.id)
            person = session.get(DOCUMENTS["employee"].model, slip.employee_id, execution_options=UNLIMITED)
            department = session.get(DOCUMENTS["department"].model, slip.department_id, execution_options=UNLIMITED)
            months = {
                month: session.get_one(Period, month, execution_options=UNLIMITED).code
                for month in {slip.period_id, *(line.period_id for line in lines)}
            }
            company = reading.company_of(session, slip)
        content = payslip_pdf.drawn(
            payslip_pdf.Sheet(
                company=company.name if company else "",
                person=f"{person.number} {person.name}" if person else "",
                department=department.name if department else "",
                months=months,
                slip=slip,
                lines=lines,
                language=current_language(),
            )
        )
        return Response(
            content,
            media_type="application/pdf",
            headers={"content-disposition": f'attachment; filename="{slip.number}.pdf"'},
        )

    @routes.get("/hr/payslips/{row_id}.pdf", include_in_schema=False)
    def page(request: Request, row_id: str) -> Response:
        return pdf_of(visitor_of(request), id_of(row_id))

    @routes.get(
        "/api/hr/payslips/{row_id}.pdf",
        response_class=Response,
        responses={200: {"description": "The payslip", "content": {"application/pdf": {}}}, **problems(403, 404, 422)},
        operation_id="payslip_pdf",
        tags=["hr"],
    )
    def by_program(row_id: str, visitor: Reader) -> Response:
        """A payslip as PDF, in the language of the request."""
        return pdf_of(visitor, id_of(row_id))

    return routes
