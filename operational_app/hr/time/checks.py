"""Standing truths about leave and attendance: each query must return no row."""

CHECKS = {
    "The balance of leave is the sum of its entries": (
        "SELECT b.* FROM hr.leave_balance b LEFT JOIN hr.leave_entry e ON e.leave_balance_id = b.id "
        "GROUP BY b.id HAVING b.day_count <> coalesce(sum(e.day_count), 0)"
    ),
    "Approved leave of a kind with a balance was taken from it, once": (
        "SELECT r.* FROM hr.leave_request r JOIN hr.leave_type t ON t.id = r.leave_type_id AND t.keeps_balance "
        "LEFT JOIN hr.leave_entry e ON e.leave_request_id = r.id GROUP BY r.id "
        "HAVING coalesce(sum(e.day_count), 0) <> CASE WHEN r.state = 'approved' THEN -r.day_count ELSE 0 END"
    ),
}
