"""Pay: components, social insurance, income tax, payroll runs, payslips, advances."""
