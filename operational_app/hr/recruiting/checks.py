"""Standing truths about recruiting: each a query that must return no row."""

CHECKS = {
    "a requisition has hired those applicants who became employees": """
        SELECT r.id, r.number, r.hired_count, count(a.id) AS hired
        FROM hr.job_requisition r
        LEFT JOIN hr.applicant a ON a.job_requisition_id = r.id AND a.hired_employee_id IS NOT NULL
        GROUP BY r.id HAVING r.hired_count <> count(a.id) OR (r.state = 'filled') <> (r.hired_count = r.head_count)""",
    "an applicant is hired by one offer that was accepted, and works from its first day": """
        SELECT a.id, a.number, o.id AS offer, m.start_date
        FROM hr.applicant a LEFT JOIN hr.job_offer o ON o.applicant_id = a.id AND o.state = 'hired'
        LEFT JOIN hr.employment m ON m.employee_id = a.hired_employee_id AND m.start_date = o.start_date
        WHERE (a.state = 'hired') IS DISTINCT FROM (o.id IS NOT NULL) OR a.state = 'hired' AND m.id IS NULL""",
    "nobody is offered a place that nobody asked for": """
        SELECT r.id, r.number, r.head_count, count(o.id) AS offered
        FROM hr.job_requisition r JOIN hr.applicant a ON a.job_requisition_id = r.id
        JOIN hr.job_offer o ON o.applicant_id = a.id AND o.state IN ('made', 'accepted', 'hired')
        GROUP BY r.id HAVING count(o.id) > r.head_count""",
    "of an erased applicant nothing personal is left": """
        SELECT a.id, a.number FROM hr.applicant a LEFT JOIN hr.interview i ON i.applicant_id = a.id AND i.notes IS NOT NULL
        WHERE a.state = 'erased' AND (i.id IS NOT NULL OR num_nonnulls(a.name, a.email, a.phone, a.note) > 0)""",
}
