"""Roles of the store and what each may do, and the objects generated from the tables: applied after every migration.

The administrator (the server's superuser, or whoever HUB_DATABASE_URL names) is for this set-up only. Everything else
connects as the role it should be: the app as `hub_app`, which owns nothing and may not touch the change log.
"""

import psycopg
from psycopg import sql
from sqlalchemy import Connection, MetaData, Table, create_engine, text

import hub_settings
from operational_app.core import audit, change_log, guards, known, list_indexes, policy, reference_data
from operational_app.core.db import SCHEMAS

STORE_ROLES = ("hub_owner", "hub_app", "hub_sync", "hub_reader")

# What the dashboards need of the store: who is signed in and what that user may see.
READER_TABLES = ("company", "app_user", "user_role", "policy_rule", "user_session", "role")


def create_database() -> None:
    """Make the store's roles and database, if they are not there; safe to run again."""
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        # One at a time: two set-ups of the same server would both find a role missing.
        admin.execute("SELECT pg_advisory_lock(hashtext('hub: roles'))")
        for role in STORE_ROLES:
            known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
            verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
            admin.execute(
                sql.SQL("{} {} LOGIN PASSWORD {}").format(
                    verb, sql.Identifier(role), sql.Literal(hub_settings.password_of(role))
                )
            )
        name = hub_settings.database_name()
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER hub_owner").format(sql.Identifier(name)))
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO hub_owner").format(sql.Identifier(name)))
        admin.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        for role in STORE_ROLES:
            admin.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), sql.Identifier(role))
            )


def grants_sql(metadata: MetaData) -> str:
    """Rights of the store's roles on its tables."""
    schemas = ", ".join(SCHEMAS)
    append_only = [t for t in metadata.sorted_tables if t.info.get("immutable")]
    logged = ", ".join(f"{t.schema}.{t.name}" for t in change_log.logged_tables(metadata))
    statements = [
        f"GRANT USAGE ON SCHEMA {schemas} TO hub_app, hub_sync",
        "GRANT USAGE ON SCHEMA core TO hub_reader",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schemas} FROM hub_app, hub_sync, hub_reader",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schemas} TO hub_app",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schemas} TO hub_app",
        # The log and its seals are written by functions that run as their owner; the app can read them and nothing more.
        "REVOKE INSERT, UPDATE, DELETE ON core.change_log, core.change_seal FROM hub_app",
        # Rights come from files under version control, through the migration only.
        "REVOKE INSERT, UPDATE, DELETE ON core.role, core.policy_rule FROM hub_app",
        # A trigger writes it: nobody else can make old reference data look fresh.
        "REVOKE INSERT, UPDATE, DELETE ON core.reference_stamp FROM hub_app",
        # Triggers fire without it; with it, somebody could hang a log trigger on a table of their own and forge the log.
        f"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {schemas} FROM PUBLIC",
        # Of an index: whoever writes a row computes what it is filed under.
        "GRANT EXECUTE ON FUNCTION core.grams(text) TO hub_app",
        *(f"REVOKE UPDATE, DELETE ON {t.schema}.{t.name} FROM hub_app" for t in append_only),
        # Sums that triggers keep of other rows.
        *(
            f"REVOKE INSERT, UPDATE, DELETE ON {t.schema}.{t.name} FROM hub_app"
            for t in metadata.sorted_tables
            if t.info.get("derived")
        ),
        f"GRANT SELECT ON {logged}, core.change_log, core.change_seal TO hub_sync",
        "GRANT SELECT ON " + ", ".join(f"core.{name}" for name in READER_TABLES) + " TO hub_reader",
        # Who looks at a dashboard is there, as who works in the app is: the one thing that the reader writes.
        "GRANT UPDATE (last_seen_at) ON core.user_session TO hub_reader",
        "REVOKE SELECT ON core.app_user FROM hub_reader",
        "GRANT SELECT (" + _open_columns(metadata.tables["core.app_user"]) + ") ON core.app_user TO hub_reader",
        *(
            f"REVOKE SELECT ON {t.schema}.{t.name} FROM hub_sync;"
            f"GRANT SELECT ({_open_columns(t)}) ON {t.schema}.{t.name} TO hub_sync"
            for t in change_log.logged_tables(metadata)
            if any(c.info.get("secret") for c in t.columns)
        ),
    ]
    return ";\n".join(statements) + ";\n"


def _open_columns(table: Table) -> str:
    return ", ".join(c.name for c in table.columns if not c.info.get("secret"))


def apply_generated(metadata: MetaData) -> None:
    """Put triggers, guards, rights and the policy's rows into the store, as the owner, in one transaction."""
    engine = create_engine(hub_settings.sqlalchemy_url("hub_owner"))
    with engine.begin() as connection:
        for part in (
            change_log.all_sql(metadata),
            guards.all_sql(metadata),
            audit.SEAL_FUNCTION,
            known.all_sql(metadata),
            list_indexes.all_sql(metadata),
            grants_sql(metadata),
        ):
            # Straight to the driver: this SQL has percent signs of its own and many statements in one text.
            connection.connection.driver_connection.execute(part)
        connection.execute(text("SELECT set_config('hub.actor', 'migration', true)"))
        connection.execute(text("SELECT set_config('hub.command', 'migrate', true)"))
        _load_policy(connection)
        reference_data.load(connection)
    engine.dispose()


def _load_policy(connection: Connection) -> None:
    """Make the policy's rows equal to the files: rules that are gone from the files go from the store."""
    roles, rules = policy.roles_from_file(), list(policy.rules_from_files())
    key = ("role_code", "entity", "field", "action")
    wanted = {(r["role"], r["entity"], r["field"], r["action"]): r["scope"] for r in rules}
    if len(wanted) != len(rules):
        seen: set[tuple[str, ...]] = set()
        twice = [k for r in rules if (k := (r["role"], r["entity"], r["field"], r["action"])) in seen or seen.add(k)]
        raise ValueError(f"policy files give a rule twice: {twice}")
    for code, name in roles.items():
        connection.execute(
            text(
                "INSERT INTO core.role (code, name) VALUES (:code, :name) "
                "ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE role.name <> excluded.name"
            ),
            {"code": code, "name": name},
        )
    for row in connection.execute(text(f"SELECT {', '.join(key)} FROM core.policy_rule")).all():
        if tuple(row) not in wanted:
            connection.execute(
                text("DELETE FROM core.policy_rule WHERE " + " AND ".join(f"{c} = :{c}" for c in key)),
                dict(row._mapping),
            )
    for values, scope in wanted.items():
        connection.execute(
            text(
                "INSERT INTO core.policy_rule (role_code, entity, field, action, scope) "
                "VALUES (:role_code, :entity, :field, :action, :scope) ON CONFLICT (role_code, entity, field, action) "
                "DO UPDATE SET scope = excluded.scope WHERE policy_rule.scope <> excluded.scope"
            ),
            {**dict(zip(key, values, strict=True)), "scope": scope},
        )
