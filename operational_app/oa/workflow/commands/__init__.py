"""Verbs of approvals: rules, the way of a request through its steps, decisions, deputies."""
