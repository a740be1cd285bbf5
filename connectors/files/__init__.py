"""Folders of CSV, TSV, Excel, JSON Lines and Parquet files as tables. Quirks and options: README.md beside this file."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from gettext import gettext as _
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
import pyarrow as pa

from connectors import naming
from connectors.base import Source, SourceError, TableData, TableOptions, TableRef
from connectors.files import excel, json_lines, layout, parquet, profile, text
from connectors.typed import typed

TEXT_FILES = (".csv", ".tsv")
FILES = (*TEXT_FILES, excel.SUFFIX, *json_lines.SUFFIXES, parquet.SUFFIX)
OPTIONS = {"encoding", "delimiter", "profile", "header_row", "totals", "decimal"}
WORDS = {"totals": ("keep", "drop"), "decimal": ("comma", "point")}

# Part of every fingerprint: raise it when the same bytes would be read differently, so that they are read again.
READER_VERSION = 2


class Files:
    """The connector of kind `files`; see connectors.base.Connector for what each method promises."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.folder = folder_of(source.url)
        source.check_options(OPTIONS)
        for option, words in WORDS.items():
            if source.options.get(option, words[0]) not in words:
                raise SourceError(_("{option} is one of {words}.").format(option=option, words=", ".join(words)))
        if not str(source.options.get("header_row", 1)).isdigit():
            raise SourceError(_("header_row is the number of the row that holds the headings, the first being 1."))

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
        known = self.profile()
        beforehand = known.tables if known else {}
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
                refs[name] = TableRef(
                    name, origin, fingerprint, self.source.table_options(name, beforehand.get(name, TableOptions()))
                )
        self.source.check_tables(refs)
        return [refs[name] for name in sorted(refs)]

    def describe(self, con: duckdb.DuckDBPyConnection, ref: TableRef) -> TableData:
        return self.read(con, ref)

    def read(self, con: duckdb.DuckDBPyConnection, ref: TableRef, state: Mapping[str, Any] | None = None) -> TableData:
        path, sheet = self._place(ref.origin)
        content = text.read_bytes(path)
        if self._fingerprint(content) != ref.fingerprint:
            raise SourceError(_("{file} was changed while it was read: load again.").format(file=ref.origin))
        if path.suffix.lower() == parquet.SUFFIX:
            return parquet.read(con, ref, path)
        header, rows, text_columns, notes = self._rows(content, ref.origin, sheet)
        return replace(typed(con, ref, header, rows, text_columns), notes=notes)

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
        if path.suffix.lower() != excel.SUFFIX:
            return [(naming.table_name(path.name), origin)]
        return [(naming.snake_case(sheet) or "unnamed", f"{origin}#{sheet}") for sheet in excel.sheets(path)]

    def _place(self, origin: str) -> tuple[Path, str]:
        """File and sheet (empty for a text file) of an origin."""
        file, sheet = origin, ""
        if excel.SUFFIX + "#" in origin.lower():
            cut = origin.lower().index(excel.SUFFIX + "#") + len(excel.SUFFIX)
            file, sheet = origin[:cut], origin[cut + 1 :]
        return self._root() / file, sheet

    def _rows(
        self, content: bytes, origin: str, sheet: str
    ) -> tuple[list[str], pa.Table, frozenset[int], tuple[str, ...]]:
        """Headings, rows as text, the places of columns that are text whatever they look like, and what was left out."""
        options = self.source.options
        header_row = int(options["header_row"]) if "header_row" in options else None
        notes: list[str] = []
        texts: frozenset[int] = frozenset()
        if sheet:
            header, rows, texts, above = excel.rows(content, origin, sheet, header_row)
        else:
            decoded = text.decode(content, origin, options.get("encoding"))
            if origin.lower().endswith(json_lines.SUFFIXES):
                return (*json_lines.rows(decoded, origin), ())
            delimiter = text.delimiter_of(decoded, origin, options.get("delimiter"))
            above = layout.title_lines(decoded, delimiter, header_row)
            header, rows = text.parse(decoded, origin, delimiter, above)
            rows, are_plain = layout.plain_numbers(rows, options.get("decimal"), delimiter)
            if are_plain:
                notes.append(_("{file}: numbers with thousands or a decimal comma were read").format(file=origin))
        if above and header_row is None:
            notes.append(_("{file}: {count} lines above the headings were left out").format(file=origin, count=above))
        if options.get("totals") != "keep":
            rows, totals = layout.without_totals(rows)
            if totals:
                notes.append(
                    _("{file}: {count} rows of totals at the end were left out").format(file=origin, count=totals)
                )
        return header, rows, texts, tuple(notes)

    def _fingerprint(self, content: bytes) -> str:
        settings = [READER_VERSION, *(self.source.options.get(option) for option in sorted(OPTIONS - {"profile"}))]
        return hashlib.sha256(repr(settings).encode() + content).hexdigest()


def folder_of(url: str) -> Path:
    """A path, or a file:// address, as a path."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    if parts.scheme and "://" in url:
        raise SourceError(_("{url} is no folder on this machine; files are read from a path.").format(url=url))
    return Path(url).expanduser()
