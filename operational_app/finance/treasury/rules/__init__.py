"""Reading what banks send: amounts as they write them, statements, and which document a line is. Pure."""
