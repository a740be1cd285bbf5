"""Opportunities: deals that may come, in which stage, won or lost and why."""
