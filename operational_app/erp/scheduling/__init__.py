"""When operations are done: on work centres of limited capacity, by their calendars."""
