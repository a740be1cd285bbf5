"""Databases: PostgreSQL, MySQL and MariaDB, SQLite, and whatever else SQLAlchemy has a driver for. See README.md."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from gettext import gettext as _
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from connectors import naming
from connectors.base import Column, Source, SourceError, TableData, TableOptions, TableRef
from connectors.sql import columns as typing
from connectors.sql import postgres, select

OPTIONS = {"schemas", "only", "views"}
# The driver that we bring for an address that names none.
DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
BATCH_ROWS = 20_000
STREAM = "_arriving"


class Sql:
    """The connector of kind `sql`; see connectors.base.Connector for what each method promises."""

    def __init__(self, source: Source) -> None:
        source.check_options(OPTIONS)
        self.source = source
        try:
            url = make_url(source.url)
        except sa.exc.ArgumentError as error:
            raise SourceError(
                _("“{url}” is no address of a database: write it as postgresql://user@host/database.").format(
                    url=source.url
                )
            ) from error
        url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
        self.url = url if url.password else url.set(password=source.secret("password"))
        # A session that lives as long as the connector: nothing is left open behind a load.
        try:
            self.engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        except (sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
            raise SourceError(
                _("There is no driver for {name} here ({error}): install SQLAlchemy's driver for it.").format(
                    name=url.drivername, error=error
                )
            ) from error

    @property
    def dialect(self) -> sa.Dialect:
        return self.engine.dialect

    def check(self) -> str:
        with self._connection() as connection:
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
        return _("{url}: {name} {version}, {count} tables").format(
            url=self.engine.url.render_as_string(hide_password=True), name=self.dialect.name, version=version,
            count=len(self._reflected),
        )  # fmt: skip

    def tables(self) -> list[TableRef]:
        refs: dict[str, TableRef] = {}
        for (schema, name), (columns, key) in self._reflected.items():
            known = TableOptions(key=tuple(self._names(columns)[column] for column in key))
            table = self._lake_name(schema, name)
            options = self.source.table_options(table, known)
            if table in refs:
                raise SourceError(
                    _("{one} and {other} would both become the table {table}: leave one out with option only.").format(
                        one=refs[table].origin, other=self._origin(schema, name), table=table
                    )
                )
            refs[table] = TableRef(table, self._origin(schema, name), None, options)
            self._check(refs[table], set(self._names(columns).values()))
        self.source.check_tables(refs)
        return [refs[name] for name in sorted(refs)]

    def describe(self, con: duckdb.DuckDBPyConnection, ref: TableRef) -> TableData:
        schema, name = self._place(ref)
        columns = self._columns(ref)
        statement = sa.select(sa.func.count()).select_from(select.table(schema, name, columns))
        with self._connection() as connection:
            count = connection.execute(statement).scalar_one()
        empty = con.sql(
            f"SELECT {', '.join(f'CAST(NULL AS {c.type}) AS {_quoted(c.name)}' for c in columns)} WHERE false"
        )
        return TableData(ref, columns, count, empty)

    def read(self, con: duckdb.DuckDBPyConnection, ref: TableRef, state: Mapping[str, Any] | None = None) -> TableData:
        columns = self._columns(ref)
        by_name = {column.name: column for column in columns}
        source = select.table(*self._place(ref), columns)
        wanted = sa.select(*source.columns).select_from(source)
        options, known = ref.options, dict(state or {})
        now = self._how_far(ref, source, by_name, known)
        data = TableData(ref, columns, None, None, state=now)
        if "backfill" in known:
            data, wanted = self._block(data, wanted, by_name, known)
        elif options.incremental in ("cursor", "key") and known.get("cursor") is not None:
            wanted = wanted.where(_newer(options, by_name, known["cursor"]))
            data = replace(data, complete=False)
        elif options.incremental == "hash" and now.get("blocks") is not None and known.get("blocks") is not None:
            blocks = select.changed_blocks(known["blocks"], now["blocks"])
            key = by_name[options.key[0]]
            where = select.in_blocks(self.dialect.identifier_preparer.quote(key.source_name), blocks)
            wanted = wanted.where(sa.literal_column(f"({where})"))
            data = replace(data, complete=False, scope=select.in_blocks(_quoted(key.name), blocks))
        elif options.chunk_rows:
            data, wanted = self._block(data, wanted, by_name, known)
        if not data.complete and not data.more and options.deletes == "sweep":
            data = replace(data, keys=self._keys(con, source, [by_name[name] for name in options.key]))
        return replace(data, relation=self._relation(con, ref, columns, wanted))

    # How far

    def _how_far(
        self, ref: TableRef, source: sa.TableClause, by_name: Mapping[str, Column], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The state that this read will have brought: taken before the rows, so that none between is missed."""
        options = ref.options
        if "backfill" in known:
            return dict(known)
        if options.incremental in ("cursor", "key"):
            column = by_name[options.cursor if options.incremental == "cursor" else options.key[0]]
            with self._connection() as connection:
                last = connection.execute(sa.select(sa.func.max(source.c[column.source_name]))).scalar_one()
            if last is None:
                return {"cursor": known.get("cursor")}
            found = typing.batch([column], [(last,)]).to_pydict()[column.name][0]
            return {"cursor": select.plain(found)}
        if options.incremental == "hash" and len(options.key) == 1 and by_name[options.key[0]].type == "BIGINT":
            statement = select.block_hashes(self.dialect, source, by_name[options.key[0]], list(by_name.values()))
            if statement is not None:
                with self._connection() as connection:
                    rows = connection.execute(statement).all()
                return {"blocks": {str(block): [count, str(digest)] for block, count, digest in rows}}
        return {}

    def _block(
        self, data: TableData, wanted: sa.Select, by_name: Mapping[str, Column], known: Mapping[str, Any]
    ) -> tuple[TableData, sa.Select]:
        """The next block of a first load, in the order of the key."""
        options = data.ref.options
        key = [by_name[name] for name in options.key]
        if not key:
            raise SourceError(_("{table} has no key to read it in blocks by: name one.").format(table=data.ref.name))
        if last := known.get("backfill"):
            wanted = wanted.where(select.after(key, last))
        order = [sa.column(column.source_name) for column in key]
        wanted = wanted.order_by(*order).limit(options.chunk_rows)
        edge = wanted.with_only_columns(*order).subquery()
        # The last key of the block, found by the index before the rows are read.
        final = sa.select(*edge.columns).order_by(*[column.desc() for column in edge.columns]).limit(1)
        with self._connection() as connection:
            row = connection.execute(final).one_or_none()
        state = {name: entry for name, entry in (data.state or {}).items() if name != "backfill"}
        if row is None:
            return replace(data, state=state), wanted
        found = typing.batch(key, [tuple(row)]).to_pylist()[0]
        return replace(
            data, state=state | {"backfill": [select.plain(found[one.name]) for one in key]}, more=True
        ), wanted

    def _keys(self, con: duckdb.DuckDBPyConnection, source: sa.TableClause, key: Sequence[Column]) -> str:
        """Every key that is there now, in a temporary table: the names in the lake, quoted."""
        statement = sa.select(*[source.c[column.source_name] for column in key]).select_from(source)
        self._relation(con, None, key, statement, into="_present_keys")
        return f"SELECT {', '.join(_quoted(column.name) for column in key)} FROM _present_keys"

    # Rows

    def _relation(
        self, con: duckdb.DuckDBPyConnection, ref: TableRef | None, columns: Sequence[Column], wanted: sa.Select,
        into: str = "",
    ) -> duckdb.DuckDBPyRelation:  # fmt: skip
        if self.dialect.name == "postgresql":
            query = self._through_duckdb(con, ref, columns, wanted)
        else:
            schema = pa.schema([(column.name, typing.arrow_type(column.type)) for column in columns])
            con.register(STREAM, pa.RecordBatchReader.from_batches(schema, self._batches(columns, wanted)))
            query = f"SELECT * FROM {STREAM}"
        if into:
            con.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS {query}")
            return con.sql(f"SELECT * FROM {into}")
        origin = "'" + ref.origin.replace("'", "''") + "'"
        return con.sql(f"SELECT *, {origin} AS _source_file, row_number() OVER () AS _source_row FROM ({query})")

    def _batches(self, columns: Sequence[Column], wanted: sa.Select) -> Iterator[pa.RecordBatch]:
        # Plain text, past SQLAlchemy's conversions: SQLite's would make binary doubles of decimals.
        statement = str(wanted.compile(self.engine, compile_kwargs={"literal_binds": True}))
        with self._connection() as connection:
            result = connection.execution_options(stream_results=True).exec_driver_sql(statement)
            while rows := result.fetchmany(BATCH_ROWS):
                yield typing.batch(columns, rows)

    def _through_duckdb(
        self, con: duckdb.DuckDBPyConnection, ref: TableRef | None, columns: Sequence[Column], wanted: sa.Select
    ) -> str:
        declared = {one["name"]: one["type"] for one in self._reflected[self._place(ref)][0]} if ref else {}
        texts = {
            column.source_name
            for column in columns
            if column.source_name in declared and postgres.as_text(declared[column.source_name], column.type)
        }
        for statement in postgres.attach_statements(self.url):
            con.execute(statement)
        quote = self.dialect.identifier_preparer.quote
        shown = [
            sa.literal_column(f"CAST({quote(column.source_name)} AS text) AS {quote(column.source_name)}")
            if column.source_name in texts else sa.column(column.source_name)
            for column in columns
        ]  # fmt: skip
        dialect = sa.dialects.postgresql.dialect(paramstyle="named")
        text = str(wanted.with_only_columns(*shown).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        back = ", ".join(
            f"{postgres.cast_back(_quoted(c.source_name), c.type, c.source_name in texts)} AS {_quoted(c.name)}"
            for c in columns
        )
        return f"SELECT {back} FROM postgres_query({postgres.quoted(postgres.ALIAS)}, {postgres.quoted(text)})"

    # What is there

    @cached_property
    def _reflected(self) -> dict[tuple[str | None, str], tuple[list[dict[str, Any]], list[str]]]:
        """(schema, table) → its columns and primary key; schema None is the default one."""
        found: dict[tuple[str | None, str], tuple[list[dict[str, Any]], list[str]]] = {}
        only = set(self.source.options.get("only") or ())
        with self._connection() as connection:
            inspector = sa.inspect(connection)
            kind = sa.engine.reflection.ObjectKind
            kind = kind.ANY if self.source.options.get("views") else kind.TABLE
            for schema in self._schemas(inspector):
                keys = inspector.get_multi_pk_constraint(schema=schema, kind=kind)
                for place, columns in inspector.get_multi_columns(schema=schema, kind=kind).items():
                    if columns and (not only or self._origin(*place) in only):
                        found[place] = (columns, (keys.get(place) or {}).get("constrained_columns") or [])
        if only and (missing := only - {self._origin(*place) for place in found}):
            raise SourceError(
                _("Option only names {tables}, which {url} does not hold.").format(
                    tables=", ".join(sorted(missing)), url=self.source.url
                )
            )
        return found

    def _schemas(self, inspector: sa.Inspector) -> list[str | None]:
        given = self.source.options.get("schemas")
        if given:
            return [None if schema == inspector.default_schema_name else schema for schema in given]
        if self.dialect.name != "postgresql":
            return [None]
        others = set(inspector.get_schema_names()) - {"information_schema", inspector.default_schema_name}
        return [None, *sorted(others)]

    def _names(self, columns: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Name in the source → name in the lake."""
        spelt = [column["name"] for column in columns]
        return dict(zip(spelt, naming.column_names(spelt), strict=True))

    def _columns(self, ref: TableRef) -> tuple[Column, ...]:
        columns, _key = self._reflected[self._place(ref)]
        names = self._names(columns)
        return tuple(
            Column(
                names[one["name"]],
                ref.options.types.get(names[one["name"]], typing.lake_type(one["type"])),
                one["name"],
            )
            for one in columns
        )

    def _origin(self, schema: str | None, name: str) -> str:
        return f"{schema}.{name}" if schema else name

    def _lake_name(self, schema: str | None, name: str) -> str:
        return naming.table_name(f"{self._origin(schema, name)}.")

    def _place(self, ref: TableRef) -> tuple[str | None, str]:
        return next(place for place in self._reflected if self._origin(*place) == ref.origin)

    def _check(self, ref: TableRef, names: set[str]) -> None:
        options = ref.options
        wanted = {*options.key, *options.confidential, *options.types, *filter(None, (options.cursor, options.flag))}
        if wanted - names:
            raise SourceError(
                _("{table} has no column {columns}, which its options name.").format(
                    table=ref.origin, columns=", ".join(sorted(wanted - names))
                )
            )
        for kind in options.types.values():
            try:
                typing.arrow_type(kind)
            except ValueError as error:
                raise SourceError(
                    _(
                        "{table}: “{kind}” is no type that a column can be given; write one such as DECIMAL(18,4)."
                    ).format(table=ref.origin, kind=kind)
                ) from error

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        """A connection; what goes wrong on it is told in one sentence, without the password."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise SourceError(
                _("{url} cannot be read: {error}").format(
                    url=self.engine.url.render_as_string(hide_password=True),
                    error=str(getattr(error, "orig", None) or error).strip().splitlines()[0],
                )
            ) from error
        except ValueError as error:
            raise SourceError(
                _("{error}. Give the column a type that holds it (types), or correct it.").format(error=error)
            ) from error


def _newer(options: TableOptions, by_name: Mapping[str, Column], last: str) -> sa.ColumnElement[bool]:
    if options.incremental == "key":
        key = by_name[options.key[0]]
        return sa.column(key.source_name) > select.literal(select.value(key, last))
    cursor = by_name[options.cursor]
    stamp = sa.column(cursor.source_name)
    # A row without a stamp may be new: it is read each time rather than never.
    return sa.or_(stamp >= select.literal(select.behind(cursor, options, last)), stamp.is_(None))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
