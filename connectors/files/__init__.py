"""Folders of CSV, TSV and Excel files as tables. Quirks and options: README.md beside this file."""

import hashlib
from gettext import gettext as _
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb
import pyarrow as pa

from connectors.base import Column, Source, SourceError, TableData, TableOptions, TableRef
from connectors.files import excel, infer, naming, profile, text

TEXT_FILES = (".csv", ".tsv")
FILES = (*TEXT_FILES, excel.SUFFIX)
OPTIONS = {"encoding", "delimiter", "profile", "tables"}

# Part of every fingerprint: raise it when the same bytes would be read differently, so that they are read again.
READER_VERSION = 1

# The rows of the table that was read last, as text, under this name in the caller's DuckDB.
STAGED = "_arrived"


class Files:
    """The connector of kind `files`; see connectors.base.Connector for what each method promises."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.folder = folder_of(source.url)
        unknown = set(source.options) - OPTIONS
        if unknown:
            raise SourceError(
                _("A source of kind files has no option {unknown}; known are: {known}.").format(
                    unknown=", ".join(sorted(unknown)), known=", ".join(sorted(OPTIONS))
                )
            )

    def check(self) -> str:
        found = self._files()
        found_profile = self.profile()
        sentence = _("{folder}: {count} files").format(folder=self.folder, count=len(found))
        return sentence + (_(", recognised as {profile}").format(profile=found_profile.name) if found_profile else "")

    def profile(self) -> profile.Profile | None:
        """The known data set, by option `profile` (a name, or `none`) or by what lies in the folder."""
        given = self.source.options.get("profile")
        if given == "none":
            return None
        return profile.named(given) if given else profile.recognise(self._root())

    def tables(self) -> list[TableRef]:
        options = self._table_options()
        refs: dict[str, TableRef] = {}
        for path in self._files():
            fingerprint = self._fingerprint(text.read_bytes(path))
            for name, origin in self._tables_of(path):
                if name in refs:
                    raise SourceError(
                        _("{one} and {other} would both become the table {table}: rename one of them.").format(
                            one=refs[name].origin, other=origin, table=name
                        )
                    )
                refs[name] = TableRef(name, origin, fingerprint, options.get(name, TableOptions()))
        missing = set(self.source.options.get("tables", {})) - set(refs)
        if missing:
            raise SourceError(
                _(
                    "Options name {tables}, which {folder} does not hold; hub source discover lists what it does."
                ).format(tables=", ".join(sorted(missing)), folder=self.folder)
            )
        return [refs[name] for name in sorted(refs)]

    def describe(self, con: duckdb.DuckDBPyConnection, ref: TableRef) -> TableData:
        return self.read(con, ref)

    def read(self, con: duckdb.DuckDBPyConnection, ref: TableRef) -> TableData:
        path, sheet = self._place(ref.origin)
        content = text.read_bytes(path)
        if self._fingerprint(content) != ref.fingerprint:
            raise SourceError(_("{file} was changed while it was read: load again.").format(file=ref.origin))
        header, rows, text_columns = self._rows(content, ref.origin, sheet)
        names = naming.column_names(header)
        self._check_options(ref, names)
        numbered = rows.append_column("_source_row", pa.array(range(1, rows.num_rows + 1), pa.int64()))
        con.register(STAGED, numbered)
        inferred = infer.infer(con, STAGED, [f"c{place}" for place in range(len(names)) if place not in text_columns])
        columns = tuple(
            Column(name, ref.options.types.get(name, inferred.get(f"c{place}", "VARCHAR")), header[place])
            for place, name in enumerate(names)
        )
        selected = [
            f'{infer.cast(f"c{place}", column.type)} AS "{column.name}"' for place, column in enumerate(columns)
        ]
        origin = ref.origin.replace("'", "''")
        relation = con.sql(f"SELECT {', '.join(selected)}, '{origin}' AS _source_file, _source_row FROM {STAGED}")
        return TableData(ref, columns, rows.num_rows, relation)

    def _root(self) -> Path:
        return self.folder if self.folder.is_dir() else self.folder.parent

    def _files(self) -> list[Path]:
        if self.folder.is_file():
            found = [self.folder]
        elif self.folder.is_dir():
            found = sorted(
                path
                for path in self.folder.rglob("*")
                # Office keeps lock files `~$…` beside an open workbook; dot files belong to nobody's data.
                if path.suffix.lower() in FILES and path.is_file() and not path.name.startswith((".", "~$"))
            )
        else:
            raise SourceError(_("There is no folder or file {folder}.").format(folder=self.folder))
        if not found:
            raise SourceError(_("{folder} holds no {kinds} file.").format(folder=self.folder, kinds=", ".join(FILES)))
        return found

    def _tables_of(self, path: Path) -> list[tuple[str, str]]:
        """(table, origin) of each table in a file."""
        origin = path.relative_to(self._root()).as_posix()
        if path.suffix.lower() in TEXT_FILES:
            return [(naming.table_name(path.name), origin)]
        return [(naming.snake_case(sheet) or "unnamed", f"{origin}#{sheet}") for sheet in excel.sheets(path)]

    def _place(self, origin: str) -> tuple[Path, str]:
        """File and sheet (empty for a text file) of an origin."""
        file, sheet = origin, ""
        if excel.SUFFIX + "#" in origin.lower():
            cut = origin.lower().index(excel.SUFFIX + "#") + len(excel.SUFFIX)
            file, sheet = origin[:cut], origin[cut + 1 :]
        return self._root() / file, sheet

    def _rows(self, content: bytes, origin: str, sheet: str) -> tuple[list[str], pa.Table, frozenset[int]]:
        """Headings, rows as text, and the places of columns that are text whatever their values look like."""
        if sheet:
            return excel.rows(content, origin, sheet)
        decoded = text.decode(content, origin, self.source.options.get("encoding"))
        delimiter = text.delimiter_of(decoded, origin, self.source.options.get("delimiter"))
        return (*text.parse(decoded, origin, delimiter), frozenset())

    def _table_options(self) -> dict[str, TableOptions]:
        """What the profile says about each table, overridden by what was said at registration."""
        known = self.profile()
        options = dict(known.tables) if known else {}
        for table, said in self.source.options.get("tables", {}).items():
            options[table] = options.get(table, TableOptions()).overridden(said)
        return options

    def _check_options(self, ref: TableRef, names: list[str]) -> None:
        wanted = {*ref.options.key, *ref.options.confidential, *ref.options.types}
        if not wanted <= set(names):
            raise SourceError(
                _("{file} has no column {columns}, which the options of {table} name.").format(
                    file=ref.origin, columns=", ".join(sorted(wanted - set(names))), table=ref.name
                )
            )

    def _fingerprint(self, content: bytes) -> str:
        settings = [READER_VERSION, self.source.options.get("encoding"), self.source.options.get("delimiter")]
        return hashlib.sha256(repr(settings).encode() + content).hexdigest()


def folder_of(url: str) -> Path:
    """A path, or a file:// address, as a path."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    if parts.scheme and "://" in url:
        raise SourceError(_("{url} is no folder on this machine; files are read from a path.").format(url=url))
    return Path(url).expanduser()
