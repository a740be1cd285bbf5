"""Alembic migrations of the store, run by the owner role; and `migrate()`, which brings a store to the newest state."""

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


def alembic_config() -> Any:
    """Alembic's configuration, without an ini file: the address comes from hub_settings."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    return config


def migrate() -> None:
    """Make roles and database where they are missing, run the migrations, apply what is generated from the tables."""
    from alembic import command

    from operational_app import modules
    from operational_app.core import roles
    from operational_app.core.db import Base

    modules.load()
    roles.create_database()
    command.upgrade(alembic_config(), "head")
    roles.apply_generated(Base.metadata)
