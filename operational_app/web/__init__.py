"""What turns documents and commands into pages and JSON. Nothing here knows a module: all is drawn from declarations."""
