"""Verbs of recruiting: requisitions, applicants with their interviews, offers and the hire."""
