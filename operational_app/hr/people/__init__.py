"""The employee record: departments, employees, employments by date."""
