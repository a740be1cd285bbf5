"""Tables of pay."""

from operational_app.hr.payroll.models.agreements import (
    PayAccess,
    PayAgreement,
    PayAmount,
    SalaryAdvance,
    pay_access,
    pay_agreement,
    pay_amount,
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
    "PayAccess",
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
    "pay_access",
    "pay_agreement",
    "pay_amount",
    "pay_component",
    "payroll_run",
    "payslip",
    "salary_advance",
    "social_insurance_scheme",
]
