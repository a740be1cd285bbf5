"""Tables of pay."""

from operational_app.hr.payroll.models.agreements import (
    PayAgreement,
    PayAmount,
    PayReading,
    SalaryAdvance,
    pay_agreement,
    pay_amount,
    pay_reading,
    salary_advance,
)
from operational_app.hr.payroll.models.runs import PayrollRun, Payslip, PayslipLine, payroll_run, payslip
from operational_app.hr.payroll.models.schemes import (
    IncomeTaxBracket,
    IncomeTaxScheme,
    PayComponent,
    SocialInsuranceRate,
    SocialInsuranceScheme,
    income_tax_scheme,
    pay_component,
    social_insurance_scheme,
)

__all__ = [
    "IncomeTaxBracket",
    "IncomeTaxScheme",
    "PayReading",
    "PayAgreement",
    "PayAmount",
    "PayComponent",
    "PayrollRun",
    "Payslip",
    "PayslipLine",
    "SalaryAdvance",
    "SocialInsuranceRate",
    "SocialInsuranceScheme",
    "income_tax_scheme",
    "pay_reading",
    "pay_agreement",
    "pay_amount",
    "pay_component",
    "payroll_run",
    "payslip",
    "salary_advance",
    "social_insurance_scheme",
]
