"""Standing truths about schedules: each a query that must return no row."""

CHECKS = {
    "no schedule gives a work centre more hours on a day than it has": """
        SELECT production_schedule_id, work_centre_id, work_date, sum(hours) AS hours, max(capacity_hours) AS capacity
        FROM erp.work_centre_load GROUP BY 1, 2, 3 HAVING sum(hours) > max(capacity_hours)""",
}
