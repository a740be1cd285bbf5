"""Transfers of stock between places, at once or by way of transit."""
