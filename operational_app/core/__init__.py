"""Words that every module may use: money, documents, commands, rights, numbers, periods, events. Knows no module."""
