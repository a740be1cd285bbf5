"""From stores and sources into the lake, through the gates, to a publication. Knows connectors, never the app."""
