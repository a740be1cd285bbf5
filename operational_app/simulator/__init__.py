"""A believable company, lived through the real commands: deterministic by seed. For demonstrations and tests.

Nothing here writes a row: every figure of the simulated company came in through a clerk's verb, with its rights, checks
and postings, as the figures of a real one do.
"""
