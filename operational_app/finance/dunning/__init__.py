"""Reminders to customers who pay late: levels by days overdue, the letter of each, and what was sent when."""
