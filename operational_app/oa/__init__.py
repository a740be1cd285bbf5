"""Office: documents, approvals, messages, calendars."""
