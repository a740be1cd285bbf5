"""Imports every area, so that all tables, documents, commands, events and links are known. Nothing else belongs here."""

import importlib
import pkgutil

import operational_app

MODULES = ("core", "crm", "erp", "oa", "hr", "finance")


def load() -> None:
    """Import each module's areas, then `links`, which joins them. Cheap when called again."""
    for module in MODULES:
        package = importlib.import_module(f"{operational_app.__name__}.{module}")
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(found.name)
    importlib.import_module(f"{operational_app.__name__}.links").connect()
    importlib.import_module(f"{operational_app.__name__}.core.list_indexes").declare()
