"""Payroll runs and payslips. Of a run, everybody who approves it sees that it is there; amounts are payroll's."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, and_, text
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.core.row_policy import OWNED

CONFIDENTIAL = {"confidential": True}

# Lines of a posted payslip stay as they are, and none is added.
LINE_GUARD = """
CREATE OR REPLACE FUNCTION hr.refuse_change_of_posted_payslip() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM hr.payslip p WHERE p.state = 'posted' AND (p.id = OLD.payslip_id OR p.id = NEW.payslip_id)) THEN
    RAISE EXCEPTION 'A posted payslip stays as it is. The next run corrects it.' USING ERRCODE = 'HB002';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER aa_posted_payslip BEFORE INSERT OR UPDATE OR DELETE ON hr.payslip_line
  FOR EACH ROW EXECUTE FUNCTION hr.refuse_change_of_posted_payslip();
"""


def _amount(sentence: str) -> Mapped[Decimal]:
    return money_column(sentence, info=CONFIDENTIAL)


class PayrollRun(DocumentRow):
    __tablename__ = "payroll_run"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('calculated', 'submitted', 'approved', 'posted', 'paid', 'cancelled')", "state"),
        CheckConstraint("kind in ('regular', 'final')", "kind"),
        CheckConstraint("(kind = 'final') = (employee_id is not null)", "final"),
        CheckConstraint(
            "net_pay_amount = gross_amount - insurance_employee_amount - income_tax_amount - deduction_amount + shortfall_amount",
            "net",
        ),
        CheckConstraint("booking_run_id is null OR state in ('posted', 'paid')", "booking"),
        CheckConstraint("total_amount = gross_amount + insurance_employer_amount", "total"),
        # Corrections are differences to what was posted: two runs on the way would correct the same twice.
        Index(
            "uq_payroll_run_under_way",
            "company_id",
            unique=True,
            postgresql_where=text("state in ('calculated', 'submitted', 'approved')"),
        ),
        {
            "schema": "hr",
            "comment": "Payroll runs.",
            "info": {
                "posted": (
                    "OLD.state in ('posted', 'paid', 'cancelled')",
                    ("state", "version", "payment_date", "booking_run_id"),
                )
            },
        },
    )
    kind: Mapped[str] = column("regular, or final: the settlement with one employee who leaves.")
    period_id: Mapped[int] = reference("Month that is paid.", "core.period.id")
    employee_id: Mapped[int | None] = reference("Who leaves, in a final settlement.", "core.party_role.id", index=False)
    payment_date: Mapped[date | None] = column("Day on which it was paid.")
    booking_run_id: Mapped[int | None] = reference(
        "Run with which it is in the ledger: its own, or, of a final settlement, the next regular one.",
        "hr.payroll_run.id",
    )
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    head_count: Mapped[int] = column("Payslips in it.")
    gross_amount: Mapped[Decimal] = _amount("Earnings paid, before anything is taken off.")
    insurance_employee_amount: Mapped[Decimal] = _amount("Social insurance: the employees' part.")
    insurance_employer_amount: Mapped[Decimal] = _amount("Social insurance: the employer's part.")
    income_tax_amount: Mapped[Decimal] = _amount("Income tax withheld.")
    deduction_amount: Mapped[Decimal] = _amount("Other deductions, advances taken off among them.")
    advance_amount: Mapped[Decimal] = _amount("Advances taken off.")
    shortfall_amount: Mapped[Decimal] = _amount("What pay did not cover, owed by employees.")
    net_pay_amount: Mapped[Decimal] = _amount("What is paid out.")
    total_amount: Mapped[Decimal] = _amount("What it costs: earnings and the employer's insurance.")
    proof_salt: Mapped[str] = column("Salt of the proof.", info=CONFIDENTIAL)
    proof_hash: Mapped[str | None] = column("Proof over all payslips: SHA-256, as it stands on the journal entry.")


class Payslip(CompanyRow):
    __tablename__ = "payslip"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("payroll_run_id", "employee_id"),
        CheckConstraint("state in ('draft', 'posted')", "state"),
        CheckConstraint(
            "net_pay_amount = gross_amount - insurance_employee_amount - income_tax_amount - deduction_amount + shortfall_amount",
            "net",
        ),
        CheckConstraint("net_pay_amount >= 0 AND shortfall_amount >= 0 AND income_tax_amount >= 0", "signs"),
        {
            "schema": "hr",
            "comment": "What an employee is paid by a run; confidential.",
            "info": {"posted": ("OLD.state = 'posted'", ("version",)), "is_pay": True},
        },
    )
    number: Mapped[str] = column("Number of the payslip: that of the run, and the employee's.")
    state: Mapped[str] = column("draft or posted; the employee sees it when it is posted.", default="draft")
    payroll_run_id: Mapped[int] = reference("The run.", "hr.payroll_run.id", index=False)
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id")
    department_id: Mapped[int] = reference("Department that bears the cost.", "hr.department.id")
    period_id: Mapped[int] = reference("Month that is paid.", "core.period.id")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    gross_amount: Mapped[Decimal] = money_column("Earnings paid, before anything is taken off.")
    taxable_amount: Mapped[Decimal] = money_column("Of this payment, what counts for income tax, benefits included.")
    insurance_employee_amount: Mapped[Decimal] = money_column("Social insurance: the employee's part.")
    insurance_employer_amount: Mapped[Decimal] = money_column("Social insurance: the employer's part.")
    additional_deduction: Mapped[Decimal] = money_column("Special additional deductions that count for the month.")
    year_taxable_amount: Mapped[Decimal] = money_column("Cumulative taxable income of the year, this payment included.")
    year_tax_amount: Mapped[Decimal] = money_column("Tax withheld in the year, this payment included.")
    income_tax_amount: Mapped[Decimal] = money_column("Income tax withheld.")
    deduction_amount: Mapped[Decimal] = money_column("Other deductions, advances taken off among them.")
    shortfall_amount: Mapped[Decimal] = money_column("What the pay did not cover; it is owed.")
    net_pay_amount: Mapped[Decimal] = money_column("What is paid out.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class PayslipLine(CompanyRow):
    __tablename__ = "payslip_line"
    __table_args__ = (
        UniqueConstraint("payslip_id", "line_no"),
        CheckConstraint("kind in ('earning', 'benefit', 'deduction', 'insurance', 'tax', 'advance')", "kind"),
        CheckConstraint("amount <> 0 OR employer_amount <> 0", "amount"),
        {
            "schema": "hr",
            "comment": "Lines of payslips; confidential.",
            "info": {"guards": LINE_GUARD},
        },
    )
    payslip_id: Mapped[int] = reference("The payslip.", "hr.payslip.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    kind: Mapped[str] = column("earning, benefit, deduction, insurance, tax or advance.")
    component: Mapped[str] = column("Code of the component or of the branch of insurance.")
    name: Mapped[str] = column("Name.")
    name_zh: Mapped[str | None] = column("Name in Chinese.")
    period_id: Mapped[int] = reference("Month that the line is for.", "core.period.id")
    is_correction: Mapped[bool] = column("Corrects a month that was paid before.", default=False)
    amount: Mapped[Decimal] = money_column("Amount; what is taken off stands negative.")
    employer_amount: Mapped[Decimal] = money_column("The employer's part, of insurance.", default=Decimal(0))
    salary_advance_id: Mapped[int | None] = reference("Advance that is taken off.", "hr.salary_advance.id", index=False)


# A payslip is the employee's own once it is posted: what is still worked out is nobody's.
OWNED[Payslip] = lambda people: and_(Payslip.employee_id.in_(sorted(people.party_role_ids)), Payslip.state == "posted")

payroll_run = Document(
    name="payroll_run",
    module="hr",
    model=PayrollRun,
    title=_("Payroll run"),
    plural=_("Payroll runs"),
    prefix="PAY",
    columns=("number", "period_id", "kind", "head_count", "gross_amount", "total_amount", "net_pay_amount", "state"),
    states={
        "calculated": _("calculated"),
        "submitted": _("submitted"),
        "approved": _("approved"),
        "posted": _("posted"),
        "paid": _("paid"),
        "cancelled": _("cancelled"),
    },
)

payslip = Document(
    name="payslip",
    module="hr",
    as_pdf=True,
    model=Payslip,
    title=_("Payslip"),
    plural=_("Payslips"),
    columns=(
        "number",
        "employee_id",
        "period_id",
        "gross_amount",
        "insurance_employee_amount",
        "income_tax_amount",
        "deduction_amount",
        "net_pay_amount",
        "state",
    ),
    states={"draft": _("draft"), "posted": _("posted")},
    lines=(
        Lines(
            name="lines",
            model=PayslipLine,
            parent="payslip_id",
            title=_("Lines"),
            columns=(
                "line_no",
                "kind",
                "component",
                "name",
                "name_zh",
                "period_id",
                "is_correction",
                "amount",
                "employer_amount",
            ),
            order_by="line_no",
        ),
    ),
)
