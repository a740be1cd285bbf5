"""From the stores and sources into the lake, through the gates, to a publication. Knows the connectors, never the app."""
