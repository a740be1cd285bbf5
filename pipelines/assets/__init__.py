"""The hub's work as Dagster assets, one file per stretch of the way: raw layer, warehouse, publication.

An asset calls one function of `pipelines` and tells what came of it; nothing is computed here.
"""
