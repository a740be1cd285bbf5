"""Standing truths about approvals: each query must return no row."""

CHECKS = {
    "Nobody decided on a document that they submitted": (
        "SELECT d.* FROM oa.approval_decision d JOIN oa.approval a ON a.id = d.approval_id "
        "WHERE d.action IN ('approve', 'reject', 'return') AND d.user_id = a.created_by"
    ),
    "Every request that waits has somebody who is asked": (
        "SELECT a.* FROM oa.approval a WHERE a.state = 'pending' AND NOT EXISTS "
        "(SELECT 1 FROM oa.approval_task t WHERE t.approval_id = a.id AND t.round_no = a.round_no AND t.state = 'open')"
    ),
    "A request that is closed asks nobody": (
        "SELECT t.* FROM oa.approval_task t JOIN oa.approval a ON a.id = t.approval_id "
        "WHERE t.state = 'open' AND (a.state <> 'pending' OR t.round_no <> a.round_no)"
    ),
    "What was approved is what was submitted": (
        "SELECT d.* FROM oa.approval_decision d JOIN oa.approval a ON a.id = d.approval_id "
        "WHERE d.action = 'approve' AND d.content_hash <> a.content_hash"
    ),
}
