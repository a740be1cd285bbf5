"""From the wish for somebody to the employee: requisitions, applicants, interviews, offers."""
