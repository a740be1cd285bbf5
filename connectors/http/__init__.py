"""Services that answer in JSON: each endpoint a table, described in a configuration. Words and examples: README.md."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from gettext import gettext as _
from typing import Any

import duckdb

from connectors import naming, records
from connectors.base import Column, Source, SourceError, TableData, TableRef
from connectors.http.client import Client, fill
from connectors.sql import select
from connectors.typed import typed

OPTIONS = {"endpoints", "auth", "headers", "rate", "retry", "timeout"}
WORDS = {"path", "method", "params", "headers", "body", "records", "each", "keep", "paging", "since", "total"}
PAGING = {"by", "param", "size_param", "size", "start", "next", "more"}
WAYS = ("none", "page", "offset", "cursor", "link")
MOST_PAGES = 1_000_000


class Http:
    """The connector of kind `http`; see connectors.base.Connector for what each method promises."""

    def __init__(self, source: Source) -> None:
        source.check_options(OPTIONS)
        self.source = source
        self.endpoints: Mapping[str, Mapping[str, Any]] = source.options.get("endpoints") or {}
        if not source.url.startswith(("http://", "https://")):
            raise SourceError(_("“{url}” is no address of a service: it begins with https://.").format(url=source.url))
        if not self.endpoints:
            raise SourceError(_("A source of kind http needs endpoints: give them with --config FILE.yml."))
        for name, endpoint in self.endpoints.items():
            paging = endpoint.get("paging") or {}
            unknown = (set(endpoint) - WORDS) | (set(paging) - PAGING)
            if (
                unknown
                or "path" not in endpoint
                or paging.get("by", "none") not in WAYS
                or naming.snake_case(name) != name
            ):
                raise SourceError(
                    _("endpoint {name}: it needs a path and a name in snake_case, knows {words}; paging knows {paging}, "
                      "by {ways}.").format(name=name, words=", ".join(sorted(WORDS)), paging=", ".join(sorted(PAGING)),
                                           ways=", ".join(WAYS))
                )  # fmt: skip
        self.client = Client(source)

    def check(self) -> str:
        name, endpoint = next(iter(self.endpoints.items()))
        next(self._pages(name, endpoint, (endpoint.get("since") or {}).get("first", "")))
        return _("{url}: answers, {count} endpoints").format(url=self.source.url, count=len(self.endpoints))

    def tables(self) -> list[TableRef]:
        self.source.check_tables(self.endpoints)
        refs = []
        for name, endpoint in sorted(self.endpoints.items()):
            options = self.source.table_options(name)
            if options.deletes == "sweep" or options.incremental in ("key", "hash"):
                raise SourceError(
                    _("{table}: a service is read whole or by a cursor, and tells what is gone by a flag.").format(
                        table=name
                    )
                )
            if options.incremental and not (options.key and "{since}" in repr(endpoint)):
                raise SourceError(
                    _("{table}: to read by a cursor it needs a key, and {{since}} somewhere in its request.").format(
                        table=name
                    )
                )
            refs.append(TableRef(name, endpoint["path"], None, options))
        return refs

    def describe(self, con: duckdb.DuckDBPyConnection, ref: TableRef) -> TableData:
        return self.read(con, ref)

    def read(self, con: duckdb.DuckDBPyConnection, ref: TableRef, state: Mapping[str, Any] | None = None) -> TableData:
        endpoint, options = self.endpoints[ref.name], ref.options
        last = (state or {}).get("cursor") if options.incremental else None
        kind = (state or {}).get("kind") or ""
        found = list(self._records(ref.name, endpoint, self._since(ref, endpoint, last, kind)))
        if options.key:
            found = self._once(ref, found)
        header, rows, texts = records.table(found)
        if not header:
            # Nothing came: what the columns are is not known, and for a part of a table it need not be.
            header, rows, texts = self._nothing(ref)
        data = typed(con, ref, header, rows, texts)
        data = replace(data, sparse=last is not None or not found)
        if not options.incremental:
            return data
        cursor = next(column for column in data.columns if column.name == options.cursor)
        newest = self._newest(data, cursor) or last
        return replace(data, complete=last is None, state={"cursor": newest, "kind": cursor.type if found else kind})

    # Rows

    def _records(self, name: str, endpoint: Mapping[str, Any], since: Any) -> Iterator[dict[str, Any]]:
        """Every record of every page, and where it was said so, every line of it."""
        asked, total, count, previous = endpoint.get("each"), None, 0, None
        for body in self._pages(name, endpoint, since):
            page = records.at(body, endpoint.get("records", ""))
            if page is None or isinstance(page, Mapping):
                page = [page] if page else []
            if not isinstance(page, list) or not all(isinstance(one, Mapping) for one in page):
                raise SourceError(
                    _("{table}: the answer holds no list of records at “{path}”.").format(
                        table=name, path=endpoint.get("records", "")
                    )
                )
            if page and page == previous:
                raise SourceError(_("{table}: two pages are the same: see its paging.").format(table=name))
            previous = page
            count += len(page)
            if "total" in endpoint:
                total = records.at(body, endpoint["total"])
            for one in page:
                if not asked:
                    yield one
                    continue
                kept = {column: records.at(one, path) for column, path in (endpoint.get("keep") or {}).items()}
                for line in records.at(one, asked) or []:
                    yield {**kept, **line}
        if total is not None and int(total) != count:
            raise SourceError(
                _(
                    "{table}: {count} records came and the service counts {total}: it changed meanwhile. Load again."
                ).format(table=name, count=count, total=total)
            )

    def _pages(self, name: str, endpoint: Mapping[str, Any], since: Any) -> Iterator[Any]:
        paging = endpoint.get("paging") or {}
        by, size = paging.get("by", "none"), int(paging.get("size", 100))
        place: Any = paging.get("start", 0 if by == "offset" else 1 if by == "page" else None)
        path = endpoint["path"]
        for _number in range(MOST_PAGES):
            words = {"since": since, "limit": size, "size": size, by: place if place is not None else ""}
            params = fill(endpoint.get("params") or {}, words)
            if "size_param" in paging:
                params[paging["size_param"]] = size
            if "param" in paging and place is not None:
                params[paging["param"]] = place
            following = by == "link" and path != endpoint["path"]
            answer = self.client.ask(
                endpoint.get("method", "GET"), fill(path, words), {} if following else params,
                endpoint.get("headers") or {}, fill(endpoint["body"], words) if "body" in endpoint else None,
            )  # fmt: skip
            yield answer.body
            page = records.at(answer.body, endpoint.get("records", ""))
            rows = len(page) if isinstance(page, list) else 0
            if "more" in paging:
                more = records.at(answer.body, paging["more"]) is True
            else:
                more = rows >= size if by in ("page", "offset") else True
            if by == "none" or not more:
                return
            if by == "offset":
                place += rows
            elif by == "page":
                place += 1
            else:
                place = records.at(answer.body, paging["next"]) if "next" in paging else answer.link
                if not place:
                    return
                path = str(place) if by == "link" else path
                place = None if by == "link" else str(place)
        raise SourceError(
            _("{table}: no end after {pages} pages: see its paging.").format(table=name, pages=MOST_PAGES)
        )

    def _once(self, ref: TableRef, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each key once, the last one: a row that moved to another page while they were read comes twice."""
        latest: dict[tuple[Any, ...], dict[str, Any]] = {}
        for number, record in enumerate(found):
            flat = {name: text for name, text, _is_text in records.flat(record)}
            named = dict(zip(naming.column_names(flat), flat.values(), strict=True))
            key = tuple(named.get(column) for column in ref.options.key)
            # A key that is none is for the loader to see.
            latest[key if None not in key else (*key, number)] = record
        return list(latest.values())

    def _nothing(self, ref: TableRef) -> tuple[list[str], Any, frozenset[int]]:
        options = ref.options
        names = dict.fromkeys(
            [*options.key, *filter(None, (options.cursor, options.flag)), *options.types, *options.confidential]
        )
        _header, rows, texts = records.table([{name: None for name in names or ["id"]}])
        return list(names or ["id"]), rows.slice(0, 0), texts

    # How far

    def _since(self, ref: TableRef, endpoint: Mapping[str, Any], last: str | None, kind: str) -> Any:
        """What stands for {since} in a request: the cursor, less its lookback, in the service's spelling."""
        said = endpoint.get("since") or {}
        if last is None:
            return said.get("first", "")
        is_number = kind.startswith(("BIGINT", "DECIMAL"))
        try:
            column = Column(ref.options.cursor, kind if is_number else "TIMESTAMPTZ", ref.options.cursor)
            value = select.behind(column, ref.options, last)
        except SourceError:
            if ref.options.lookback:
                raise
            return last  # Neither a time nor a number: the service compares it as it is.
        if is_number:
            return format(value, "f")
        if said.get("format") == "epoch":
            return int(value.timestamp())
        if "format" in said:
            return value.strftime(said["format"])
        text = value.isoformat(sep="T" if "T" in last else " ")
        return text.replace("+00:00", "Z") if last.endswith("Z") else text

    def _newest(self, data: TableData, cursor: Column) -> str | None:
        [(newest,)] = data.relation.aggregate(f'max("{cursor.name}")').fetchall()
        return select.plain(newest)
