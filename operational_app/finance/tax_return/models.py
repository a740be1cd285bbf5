"""VAT returns and the tax lines that each has declared. Filing freezes them."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, rate_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _

# Lines of a filed return stay, and none is added: what was declared was declared.
FROZEN = """
CREATE OR REPLACE FUNCTION finance.check_vat_return_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touched bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.vat_return_id ELSE NEW.vat_return_id END;
BEGIN
  -- FOR SHARE: the return cannot be filed between this look and our commit.
  PERFORM 1 FROM finance.vat_return r WHERE r.id = touched AND r.state = 'draft' FOR SHARE;
  IF TG_OP = 'UPDATE' OR NOT FOUND THEN
    RAISE EXCEPTION 'VAT return % is filed: its lines stay as they are.', touched USING ERRCODE = 'HB002';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER check_vat_return_line BEFORE INSERT OR UPDATE OR DELETE ON finance.vat_return_line
  FOR EACH ROW EXECUTE FUNCTION finance.check_vat_return_line();
"""


class VatReturn(DocumentRow):
    __tablename__ = "vat_return"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("company_id", "period_id"),
        CheckConstraint("state in ('draft', 'filed')", "state"),
        CheckConstraint("payable_amount = output_tax_amount - input_tax_amount", "payable"),
        CheckConstraint("due_amount = greatest(0, payable_amount - credit_brought_forward)", "due"),
        CheckConstraint("credit_carried_forward = greatest(0, credit_brought_forward - payable_amount)", "carried"),
        CheckConstraint("paid_amount BETWEEN 0 AND due_amount", "paid"),
        CheckConstraint("state = 'filed' OR paid_amount = 0", "paid_when_filed"),
        {
            "schema": "finance",
            "comment": "Returns of value added tax, one a company and month.",
            "info": {"posted": ("OLD.state = 'filed'", ("paid_amount", "version"))},
        },
    )
    period_id: Mapped[int] = reference("Month that is declared.", "core.period.id", index=False)
    output_net_amount: Mapped[Decimal] = money_column("Sales declared, without tax.")
    output_tax_amount: Mapped[Decimal] = money_column("Tax on them.")
    input_net_amount: Mapped[Decimal] = money_column("Purchases declared, without tax.")
    input_tax_amount: Mapped[Decimal] = money_column("Tax on them.")
    payable_amount: Mapped[Decimal] = money_column("Output less input tax; negative: more input than output.")
    credit_brought_forward: Mapped[Decimal] = money_column(
        "Input tax that earlier returns could not deduct, as the last filed one left it.",
        default=Decimal(0),
        server_default="0",
    )
    credit_carried_forward: Mapped[Decimal] = money_column(
        "Input tax that this return cannot deduct and leaves to the next.", default=Decimal(0), server_default="0"
    )
    due_amount: Mapped[Decimal] = money_column(
        "Tax to be paid for the month: payable less what was brought forward.", default=Decimal(0), server_default="0"
    )
    paid_amount: Mapped[Decimal] = money_column(
        "Part of the tax due that has been paid.", default=Decimal(0), server_default="0"
    )


class VatReturnLine(CompanyRow):
    __tablename__ = "vat_return_line"
    __table_args__ = (
        UniqueConstraint("document_type", "document_line_id"),
        CheckConstraint("kind in ('output', 'input')", "kind"),
        {
            "schema": "finance",
            "comment": "Tax lines that a return declares; each is declared once.",
            "info": {"guards": FROZEN},
        },
    )
    vat_return_id: Mapped[int] = reference("The return.", "finance.vat_return.id")
    kind: Mapped[str] = column("output (sales) or input (purchases).")
    document_type: Mapped[str] = column("Type of the document that bears the tax.")
    document_id: Mapped[int] = column("Row of that document.")
    document_line_id: Mapped[int] = column("Row of its line.")
    business_date: Mapped[date] = column("Business date of the document: the day it counts for.")
    is_late: Mapped[bool] = column("Dated in a month whose return had been filed when it came in.")
    vat_code: Mapped[str] = column("Code of the VAT rate.")
    vat_rate: Mapped[Decimal] = rate_column("The rate as it was on the document's day, as a fraction.")
    net_amount: Mapped[Decimal] = money_column("Amount without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")


vat_return = Document(
    name="vat_return",
    module="finance",
    model=VatReturn,
    title=_("VAT return"),
    plural=_("VAT returns"),
    prefix="VR",
    columns=("number", "period_id", "output_tax_amount", "input_tax_amount", "due_amount", "paid_amount", "state"),
    states={"draft": _("draft"), "filed": _("filed")},
    lines=(
        Lines(
            name="lines",
            model=VatReturnLine,
            parent="vat_return_id",
            title=_("Lines"),
            columns=(
                "kind",
                "business_date",
                "is_late",
                "document_type",
                "document_id",
                "vat_code",
                "vat_rate",
                "net_amount",
                "tax_amount",
            ),
        ),
    ),
)
