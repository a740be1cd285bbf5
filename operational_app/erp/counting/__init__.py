"""Stock counts: a sheet, what was counted, and the differences that somebody else posts."""
