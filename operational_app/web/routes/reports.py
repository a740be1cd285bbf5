"""Reports as pages and by the API: the same rows as `hub report`, for the company and the days asked for."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from operational_app.core import column_texts, db, row_policy
from operational_app.core.document import DOCUMENTS
from operational_app.core.errors import InvalidInput, NotFound, NotPermitted
from operational_app.core.i18n import _, current_language
from operational_app.core.labels import label
from operational_app.core.models import Company
from operational_app.core.sheets import WORKBOOK_TYPE, harmless
from operational_app.core.value_labels import value_label
from operational_app.core.wording import decimal_text
from operational_app.finance.ledger.models import LedgerAccount
from operational_app.reports import MONEY, PLAIN, REPORTS, Asked, Report, currency_of, rows_of, totals_of, workbook
from operational_app.web.display import show
from operational_app.web.errors import NoSuchPage
from operational_app.web.routes.api import Reader, problems
from operational_app.web.tables import Cell, Column, Table
from operational_app.web.templates import page, query_string
from operational_app.web.visitor import Visitor, visitor_of

# A page is for reading; whoever wants more takes the file.
MOST_SHOWN = 2000
# Text columns whose values come from a short list and have a word of their own.
# Numbers of documents: each opens its document.
OPENED = frozenset({"customer", "entry", "item", "number", "supplier"})
WORDED = frozenset({"section", "kind", "state", "name"})


class ReportAnswer(BaseModel):
    """A report: its columns in order, and its rows; amounts as strings."""

    name: str
    company: str
    columns: list[str]
    rows: list[dict[str, str | int | bool | None]] = Field(description="One object a row, with the columns as names.")


def router(bind: Engine | None) -> APIRouter:
    """The list of reports, a page and an endpoint for each."""
    reports = APIRouter()

    @reports.get("/reports", include_in_schema=False)
    def index(request: Request) -> Response:
        visitor = visitor_of(request)
        return page(request, "reports.html", reports=readable(visitor))

    @reports.get("/reports/{name}", include_in_schema=False)
    def report_page(request: Request, name: str) -> Response:
        visitor = visitor_of(request)
        name, _dot, ending = name.partition(".")
        if ending not in ("", "csv", "xlsx"):
            raise NoSuchPage()
        found = report_named(name)
        if visitor.company is None:
            raise NoSuchPage()
        require(visitor, found, visitor.company)
        refusal = None
        try:
            asked = asked_by(request, visitor.company)
        except InvalidInput as error:
            refusal, asked = error, Asked(visitor.company, date.min, date.max, None)
        with db.reading(bind) as session:
            rows, decimals = rows_of(found, whole(session, visitor), asked)
            named = account_names(session, visitor.company, found)
        if ending == "csv":
            return as_csv(name, found, rows)
        if ending == "xlsx":
            return as_workbook(name, found, rows, decimals)
        return page(
            request,
            "report.html",
            status=refusal.status if refusal else 200,
            name=name,
            report=found,
            table=table_of(found, rows[:MOST_SHOWN], decimals, named),
            totals=table_of(found, totals_of(found, rows, decimals), decimals).rows,
            hidden=max(0, len(rows) - MOST_SHOWN),
            start=request.query_params.get("from", ""),
            end=request.query_params.get("to", ""),
            item=request.query_params.get("item", ""),
            known=request.query_params.get("as_known", ""),
            refusal=refusal,
        )

    for name in REPORTS:
        _add_endpoint(reports, name, bind)
    return reports


def _add_endpoint(reports: APIRouter, name: str, bind: Engine | None) -> None:
    found = REPORTS[name]

    def endpoint(request: Request, visitor: Reader) -> JSONResponse:
        code = request.query_params.get("company") or (visitor.company.code if visitor.company else "")
        company = next((one for one in visitor.companies if one.code == code), None)
        if company is None:
            raise NotFound(entity=_("company"), key=code)
        require(visitor, found, company)
        asked = asked_by(request, company)
        with db.reading(bind) as session:
            rows, _decimals = rows_of(found, whole(session, visitor), asked)
        answer = [{c: column_texts.wire(v) for c, v in zip(found.columns, row, strict=True)} for row in rows]
        return JSONResponse({"name": name, "company": code, "columns": list(found.columns), "rows": answer})

    def parameter(parameter_name: str, description: str, format_: str | None = None) -> dict[str, Any]:
        schema = {"type": "string"} | ({"format": format_} if format_ else {})
        return {
            "name": parameter_name,
            "in": "query",
            "required": False,
            "description": description,
            "schema": schema,
        }

    reports.add_api_route(
        f"/api/reports/{name}",
        endpoint,
        methods=["GET"],
        response_model=None,
        responses={200: {"model": ReportAnswer, "description": "The report"}, **problems(403, 404, 422)},
        summary=str.__str__(found.title),
        description="The same rows as `hub report`: exact, with stable columns.",
        operation_id=f"report_{name.replace('-', '_')}",
        openapi_extra={
            "parameters": [
                parameter("company", "Code of a company; the one chosen in the session by default."),
                parameter("from", "First day; the beginning by default.", "date"),
                parameter("to", "Last day; all there is by default.", "date"),
                *([parameter("item", "Number of an item; all by default.")] if found.by_item else []),
                parameter("as_known", "As it was known at the end of this day; now by default.", "date"),
            ]
        },
        tags=["reports"],
    )


def whole(session: Session, visitor: Visitor) -> Session:
    """The session for a report: the right to its entity gives it whole, also what it adds up of other entities. Narrowed
    by entity, sums would lack rows and nobody would see it."""
    row_policy.limit_to_companies(session, visitor.principal)
    return session


def report_named(name: str) -> Report:
    if name not in REPORTS:
        raise NoSuchPage()
    return REPORTS[name]


def readable(visitor: Visitor) -> dict[str, Report]:
    """The reports that the visitor may read in the company chosen."""
    company_id = visitor.company.id if visitor.company else None
    return {name: found for name, found in REPORTS.items() if company_id in visitor.principal.may_read(found.entity)}


def require(visitor: Visitor, found: Report, company: Company) -> None:
    if company.id not in visitor.principal.may_read(found.entity):
        raise NotPermitted(action=_("read"), entity=DOCUMENTS[found.entity].plural)


def asked_by(request: Request, company: Company) -> Asked:
    """Company and days of a request.

    Raises:
        InvalidInput: names the day that cannot be understood.
    """
    days: dict[str, date | None] = {}
    wrong = {}
    for name in ("from", "to", "as_known"):
        text = request.query_params.get(name, "")
        try:
            days[name] = date.fromisoformat(text) if text else None
        except ValueError:
            wrong[name] = _("Enter a date, such as 2026-11-30.")
    if wrong:
        raise InvalidInput(fields=dict(wrong))
    known = datetime.combine(days["as_known"], time.max, UTC) if days["as_known"] else None
    item = request.query_params.get("item") or None
    return Asked(company, days["from"] or date.min, days["to"] or date.max, known, item)


def account_names(session: Session, company: Company, found: Report) -> dict[str, str]:
    """Code → name of the ledger accounts in the reader's language, where the report has accounts and they have one."""
    if "account" not in found.columns or current_language() == "en":
        return {}
    names = session.execute(
        select(LedgerAccount.code, LedgerAccount.name_zh).where(
            LedgerAccount.company_id == company.id, LedgerAccount.name_zh.is_not(None)
        )
    )
    return {code: name for code, name in names if name}


def table_of(
    found: Report, rows: list[list[Any]], decimals: dict[str, int], named: Mapping[str, str] | None = None
) -> Table:
    """The report as a page shows it: numbers, words and names of accounts in the reader's language."""
    numeric = [name in MONEY or name in PLAIN for name in found.columns]
    columns = [
        Column(name, label(name), number, name.endswith("date"))
        for name, number in zip(found.columns, numeric, strict=True)
    ]

    def text(name: str, value: Any, currency: str) -> str:
        if isinstance(value, Decimal):
            return decimal_text(value, decimals[currency] if name in MONEY else 0)
        return value_label(value) if name in WORDED and isinstance(value, str) else show(value)

    def cells(row: list[Any]) -> list[Cell]:
        made = [
            Cell(text(c, value, currency_of(found, row)), search_for(value) if c in OPENED else "")
            for c, value in zip(found.columns, row, strict=True)
        ]
        if named and (name := named.get(row[found.columns.index("account")])):
            made[found.columns.index("name")] = Cell(name)
        return made

    return Table(columns, [("", cells(row)) for row in rows])


def search_for(number: Any) -> str:
    """Where a number in a report leads: the search opens the document at once where just one bears it."""
    return "/search?" + query_string(q=number) if number else ""


def as_workbook(name: str, found: Report, rows: list[list[Any]], decimals: dict[str, int]) -> Response:
    """The report as a workbook: the labels of the page, typed and exact cells."""
    return Response(
        workbook(found, label(name), [label(column) for column in found.columns], rows, decimals),
        media_type=WORKBOOK_TYPE,
        headers={"content-disposition": f'attachment; filename="{name}.xlsx"'},
    )


def as_csv(name: str, found: Report, rows: list[list[Any]]) -> Response:
    """The report as a file, with exact values and stable column names."""
    buffer = io.StringIO()
    # The mark at the beginning makes spreadsheets read the file as UTF-8.
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow(found.columns)
    writer.writerows([harmless(column_texts.wire(value)) for value in row] for row in rows)
    return Response(
        buffer.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
    )
