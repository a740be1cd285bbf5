"""Draws a payslip as PDF. The font is one that every reader of PDF has for Chinese, so that none is packed in."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from operational_app.core.i18n import _
from operational_app.web.display import decimal_text

FONT = "STSong-Light"
DECIMALS = 2


@dataclass(frozen=True)
class Sheet:
    """What stands on a payslip. `months`: row of a period → its code."""

    company: str
    person: str
    department: str
    months: dict[int, str]
    slip: Any
    lines: Sequence[Any]
    language: str


def drawn(sheet: Sheet) -> bytes:
    """The payslip on a sheet of A4."""
    # Imported where it is used: it takes a while, and the app starts without it.
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = io.BytesIO()
    paper = SimpleDocTemplate(
        buffer, pagesize=A4, title=str(sheet.slip.number), author=sheet.company, topMargin=18 * mm, bottomMargin=18 * mm
    )
    head = ParagraphStyle("head", fontName=FONT, fontSize=16, leading=22)
    plain = ParagraphStyle("plain", fontName=FONT, fontSize=10, leading=15)
    grid = TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), FONT, 10),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
            ("LINEBELOW", (0, 1), (-1, -1), 0.2, colors.lightgrey),
            ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ]
    )
    totals = TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), FONT, 10),
            ("ALIGN", (1, 0), (1, -1), "RIGHT"),
            ("LINEABOVE", (0, 5), (-1, 5), 0.8, colors.black),
            ("FONT", (0, 5), (-1, 5), FONT, 12),
        ]
    )
    month = sheet.months[sheet.slip.period_id]
    paper.build(
        [
            Paragraph(_escaped(f"{_('Payslip')} {month}"), head),
            Paragraph(_escaped(sheet.company), plain),
            Paragraph(_escaped(f"{sheet.person} · {sheet.department} · {sheet.slip.number}"), plain),
            Spacer(1, 6 * mm),
            Table(_rows(sheet), colWidths=[78 * mm, 24 * mm, 34 * mm, 34 * mm], style=grid, repeatRows=1),
            Spacer(1, 6 * mm),
            Table(_totals(sheet), colWidths=[102 * mm, 68 * mm], style=totals),
        ]
    )
    return buffer.getvalue()


def _rows(sheet: Sheet) -> list[list[str]]:
    rows = [[str(_("Name")), str(_("Month")), str(_("Amount")), str(_("Employer's part"))]]
    for line in sheet.lines:
        name = line.name_zh if sheet.language == "zh_Hans" and line.name_zh else line.name
        if line.is_correction:
            name = _("{name} (correction)").format(name=name)
        if line.kind == "benefit":
            name = _("{name} (in kind, not paid)").format(name=name)
        employer = _money(line.employer_amount) if line.employer_amount else ""
        rows.append([name, sheet.months[line.period_id], _money(line.amount), employer])
    return rows


def _totals(sheet: Sheet) -> list[list[str]]:
    slip = sheet.slip
    return [
        [str(_("Gross")), _money(slip.gross_amount)],
        [str(_("Social insurance, own part")), _money(-slip.insurance_employee_amount)],
        [str(_("Income tax")), _money(-slip.income_tax_amount)],
        [str(_("Other deductions")), _money(-slip.deduction_amount)],
        [str(_("Not covered, owed")), _money(slip.shortfall_amount)],
        [str(_("Paid out")), f"{_money(slip.net_pay_amount)} {slip.currency}"],
        [str(_("Taxable income of the year so far")), _money(slip.year_taxable_amount)],
        [str(_("Income tax of the year so far")), _money(slip.year_tax_amount)],
    ]


def _money(amount: Decimal) -> str:
    return decimal_text(amount, DECIMALS)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
