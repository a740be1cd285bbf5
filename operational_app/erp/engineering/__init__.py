"""How things are made: bills of material, work centres and their calendars, routings."""
