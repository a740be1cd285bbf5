"""Managers' dashboards: pages over the published warehouse; they import neither the app nor connectors."""
