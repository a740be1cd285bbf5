"""What the lake stands on: roles, databases, the two DuckLakes, their schemas, load records and grants.

Called by `lake.create`, as the administrator that HUB_DATABASE_URL names, who need not be a superuser: CREATEDB and
CREATEROLE are enough. Every step can be run again. Grants follow one rule: nobody may connect to a catalog database
unless named here.

| role                  | public catalog | confidential catalog | hub_meta (in the public catalog database)      |
|-----------------------|----------------|----------------------|-------------------------------------------------|
| hub_lake              | owns           | owns                 | owns                                            |
| hub_lake_reader       | SELECT         | may not connect      | SELECT publication                              |
| hub_lake_confidential | SELECT         | SELECT               | SELECT publication                              |
"""

from pathlib import Path

import psycopg
from psycopg import sql

import hub_settings

ROLES = ("hub_lake", "hub_lake_reader", "hub_lake_confidential", "hub_dagster")
# Database kind -> (owner, roles that may connect and read)
DATABASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "lake": ("hub_lake", ("hub_lake_reader", "hub_lake_confidential")),
    "confidential": ("hub_lake", ("hub_lake_confidential",)),
    "dagster": ("hub_dagster", ()),
}

HUB_META = """
CREATE SCHEMA IF NOT EXISTS hub_meta;
CREATE SEQUENCE IF NOT EXISTS hub_meta.load_id;
CREATE TABLE IF NOT EXISTS hub_meta.publication (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lake_snapshot bigint NOT NULL,
    confidential_snapshot bigint,
    published_at timestamptz NOT NULL DEFAULT now(),
    published_by text,
    certificate jsonb NOT NULL,
    withdrawn_at timestamptz
);
COMMENT ON TABLE hub_meta.publication IS 'One row per publication: the snapshots readers attach, and the certificate.';
COMMENT ON COLUMN hub_meta.publication.lake_snapshot IS 'Snapshot of the public lake that readers see.';
COMMENT ON COLUMN hub_meta.publication.confidential_snapshot IS 'Snapshot of the encrypted lake that belongs to it.';
COMMENT ON COLUMN hub_meta.publication.published_at IS 'When it became visible.';
COMMENT ON COLUMN hub_meta.publication.published_by IS 'User or process that published it.';
COMMENT ON COLUMN hub_meta.publication.certificate IS 'What was compared with the books, and the result.';
COMMENT ON COLUMN hub_meta.publication.withdrawn_at IS 'When it was rolled back; readers skip it since then.';
CREATE OR REPLACE FUNCTION hub_meta.keep_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND to_jsonb(NEW) - 'withdrawn_at' = to_jsonb(OLD) - 'withdrawn_at'
  THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'Publication % is history: it can be withdrawn once, and never changed or deleted.', OLD.id;
END $$;
CREATE OR REPLACE TRIGGER keep_publication BEFORE UPDATE OR DELETE ON hub_meta.publication
  FOR EACH ROW EXECUTE FUNCTION hub_meta.keep_publication();
CREATE TABLE IF NOT EXISTS hub_meta.certificate (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    lake_snapshot bigint NOT NULL,
    passed boolean NOT NULL,
    record jsonb NOT NULL
);
COMMENT ON TABLE hub_meta.certificate IS 'Every comparison of the warehouse with its sources and books, failed ones too.';
COMMENT ON COLUMN hub_meta.certificate.made_at IS 'When the comparison ended.';
COMMENT ON COLUMN hub_meta.certificate.made_by IS 'User or process that asked for it.';
COMMENT ON COLUMN hub_meta.certificate.lake_snapshot IS 'Snapshot of the public lake that was compared.';
COMMENT ON COLUMN hub_meta.certificate.passed IS 'Whether every check held.';
COMMENT ON COLUMN hub_meta.certificate.record IS 'The certificate itself: figures, differences, seal.';
CREATE TABLE IF NOT EXISTS hub_meta.source (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{0,39}$'),
    kind text NOT NULL,
    url text NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE hub_meta.source IS 'Outside sources; tables of one arrive in the schema raw_<name>.';
COMMENT ON COLUMN hub_meta.source.name IS 'Name of the source, and of its schema after raw_.';
COMMENT ON COLUMN hub_meta.source.kind IS 'Which connector reads it.';
COMMENT ON COLUMN hub_meta.source.url IS 'Where it lies, in the words of its connector: a folder, an address.';
COMMENT ON COLUMN hub_meta.source.options IS 'Settings of the connector; per table its key and confidential columns.';
COMMENT ON COLUMN hub_meta.source.created_at IS 'When it was registered.';
CREATE TABLE IF NOT EXISTS hub_meta.source_table (
    source text NOT NULL REFERENCES hub_meta.source ON DELETE CASCADE,
    table_name text NOT NULL,
    load_id bigint NOT NULL,
    settings text NOT NULL,
    contract jsonb NOT NULL,
    state jsonb NOT NULL,
    key_columns text[] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, table_name)
);
COMMENT ON TABLE hub_meta.source_table IS 'What is remembered of each table of a source after its last load.';
COMMENT ON COLUMN hub_meta.source_table.load_id IS 'The load that left it so.';
COMMENT ON COLUMN hub_meta.source_table.settings IS 'Fingerprint of the options that it was read with.';
COMMENT ON COLUMN hub_meta.source_table.contract IS 'Pairs of column and type, in order, as first loaded or since accepted.';
COMMENT ON COLUMN hub_meta.source_table.state IS 'How far it was read (cursor, hashes), in the words of its connector.';
COMMENT ON COLUMN hub_meta.source_table.key_columns IS 'Columns that identify a row.';
COMMENT ON COLUMN hub_meta.source_table.updated_at IS 'When it was written.';
"""

# Load records: written in the transaction that writes the rows, in the lake that holds the rows.
LOAD = {
    "load_id": (
        "BIGINT NOT NULL",
        "Number of the load; the same in both lakes. Every raw row names its load in _load_id.",
    ),
    "source": ("VARCHAR NOT NULL", "Source that was read: `hub` for our own store, else the registered name."),
    "kind": (
        "VARCHAR NOT NULL",
        "How it was read: `full` (every row) or `changes` (the change log since the last load).",
    ),
    "started_at": ("TIMESTAMPTZ NOT NULL", "When reading began."),
    "finished_at": ("TIMESTAMPTZ NOT NULL", "When the rows were written, just before the commit."),
    "watermark": ("VARCHAR", "How far the source was read: a PostgreSQL snapshot for our store; null for files."),
    "system_identifier": ("VARCHAR", "Which PostgreSQL cluster the watermark belongs to."),
    "rows_inserted": ("BIGINT NOT NULL", "Rows added, over all tables of this lake."),
    "rows_updated": ("BIGINT NOT NULL", "Rows changed, over all tables of this lake."),
    "rows_deleted": ("BIGINT NOT NULL", "Rows removed, over all tables of this lake."),
    "rows_quarantined": ("BIGINT NOT NULL", "Rows held back by the quality gate, over all tables of this lake."),
    "details": ("VARCHAR", "What else the loader wants to keep, as a JSON object."),
}
LOAD_TABLE = {
    "load_id": ("BIGINT NOT NULL", "The load in `load`."),
    "source": ("VARCHAR NOT NULL", "Source that was read, as in `load`."),
    "schema_name": ("VARCHAR NOT NULL", "Schema of the table in the lake."),
    "table_name": ("VARCHAR NOT NULL", "Table in the lake."),
    "status": (
        "VARCHAR NOT NULL",
        "`loaded`, `replaced` (columns changed), `unchanged` (not read again), `removed` or `released` (from quarantine).",
    ),
    "rows_before": ("BIGINT NOT NULL", "Rows before the load."),
    "inserted": ("BIGINT NOT NULL", "Rows whose key (without a key: whose content) was not there before."),
    "updated": ("BIGINT NOT NULL", "Rows whose key was there with other content."),
    "deleted": ("BIGINT NOT NULL", "Rows whose key is gone from the source."),
    "quarantined": ("BIGINT NOT NULL", "Rows held back by the quality gate."),
    "rows_after": ("BIGINT NOT NULL", "Rows after the load: rows_before + inserted - deleted."),
    "content_hash": ("VARCHAR", "Fingerprint of what was read and how; an equal one need not be read again."),
    "seconds": ("DECIMAL(12,3) NOT NULL", "Time to read, compare and write this table."),
}
QUARANTINE = {
    "quarantine_id": ("BIGINT NOT NULL", "Number of the entry."),
    "source": ("VARCHAR NOT NULL", "Source that the row came from."),
    "table_name": ("VARCHAR NOT NULL", "Table of raw_<source> that it would belong into."),
    "load_id": ("BIGINT NOT NULL", "Load that held it back."),
    "row_key": ("VARCHAR NOT NULL", "Its key, joined by spaces; empty where the table has none."),
    "origin": ("VARCHAR NOT NULL", "Where in the source it stood: file or table, and row."),
    "reason": ("VARCHAR NOT NULL", "Every rule that it breaks."),
    "is_misfit": ("BOOLEAN NOT NULL", "It does not fit its columns or its key, and cannot be written as it is."),
    "owner": ("VARCHAR NOT NULL", "Who is asked about it."),
    "row_text": ("VARCHAR NOT NULL", "The row as a JSON object of texts."),
    "row_hash": ("VARCHAR NOT NULL", "Keyed hash of it: the very same row is known again by it."),
    "state": ("VARCHAR NOT NULL", "`waiting`, `released`, `discarded`, or `resolved` (it came again and was right)."),
    "held_at": ("TIMESTAMPTZ NOT NULL", "When it was held back."),
    "decided_at": ("TIMESTAMPTZ", "When it stopped waiting."),
    "decided_by": ("VARCHAR", "Who decided; `load` where the source did."),
}
META_TABLES = {"load": LOAD, "load_table": LOAD_TABLE, "quarantine": QUARANTINE}


def roles_and_databases(admin: psycopg.Connection) -> None:
    """Make the roles and the databases that are missing, and say who may connect.

    Args:
        admin: the administrator's connection, not in a transaction.
    """
    for role in ROLES:
        _make_role(admin, role)
    for kind, (owner, readers) in DATABASES.items():
        _make_database(admin, hub_settings.database_name(kind), owner, readers)


def _make_role(admin: psycopg.Connection, role: str) -> None:
    """A login role that owns no privilege but those granted here; its password is the one in hub_settings."""
    name = sql.Identifier(role)
    if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
        try:
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            pass  # The app's own set-up runs beside ours and made it a moment ago: it is there, which is all we need.
    password = sql.Literal(hub_settings.password_of(role))
    admin.execute(sql.SQL("ALTER ROLE {} LOGIN NOCREATEDB NOCREATEROLE PASSWORD {}").format(name, password))
    # An administrator that is no superuser may give a database away only to a role that it is a member of.
    if not admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]:
        admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))


def _make_database(admin: psycopg.Connection, database: str, owner: str, readers: tuple[str, ...]) -> None:
    name = sql.Identifier(database)
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(name, sql.Identifier(owner)))
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for reader in readers:
        admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(reader)))


def folders() -> None:
    """The folders of both lakes, where they are on this machine."""
    for path in (hub_settings.lake_path(), hub_settings.confidential_lake_path()):
        if "://" not in path:
            Path(path).mkdir(parents=True, exist_ok=True)
            # Rows on disk are for the hub's own operating-system user; the roles guard the way through the catalog.
            Path(path).chmod(0o700)


def table_statements(place: str, columns: dict[str, tuple[str, str]]) -> list[str]:
    """SQL that makes a table of the lake, with a comment on each column."""
    listed = ", ".join(f"{column} {kind}" for column, (kind, _sentence) in columns.items())
    comments = [
        f"COMMENT ON COLUMN {place}.{column} IS '" + sentence.replace("'", "''") + "'"
        for column, (_kind, sentence) in columns.items()
    ]
    return [f"CREATE TABLE {place} ({listed})", *comments]


def grants(kind: str) -> None:
    """Let the readers see a catalog, also those tables of it that a later DuckLake will add; make `hub_meta`."""
    readers = DATABASES[kind][1]
    with psycopg.connect(hub_settings.database_url("hub_lake", kind)) as db:
        if kind == "lake":
            db.execute(HUB_META)
        names = sql.SQL(", ").join(map(sql.Identifier, readers))
        db.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(names))
        db.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(names))
        db.execute(sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {}").format(names))
        if kind == "lake":
            db.execute(sql.SQL("GRANT USAGE ON SCHEMA hub_meta TO {}").format(names))
            db.execute(sql.SQL("GRANT SELECT ON hub_meta.publication TO {}").format(names))
