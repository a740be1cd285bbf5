"""The engineers' commands: one file per group, named in the table of the command line's root."""
