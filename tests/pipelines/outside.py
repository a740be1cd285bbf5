"""A folder of files as an outside source, for tests of what happens to its tables on the way into the lake."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines import lake, load, sources


@dataclass
class Folder:
    """A registered folder; short words to fill, load and read it."""

    name: str
    path: Path

    def register(self, **options: Any) -> None:
        sources.add(self.name, "files", str(self.path), options)

    def put(self, table: str, text: str) -> None:
        (self.path / f"{table}.csv").write_text(text)

    def load(self, **options: Any) -> dict[str, load.TableResult]:
        """Table → what happened to it (in the public lake, where it is in both)."""
        return {one.table_name: one for one in load.load_source(self.name, **options)}

    def rows(self, sql: str) -> list[tuple]:
        """What a query gives; `raw` in it is the source's schema."""
        with lake.connect(confidential=True) as con:
            return con.execute(sql.replace("raw.", f"raw_{self.name}.")).fetchall()

    def forget(self) -> None:
        if any(entry.source.name == self.name for entry in sources.registered()):
            sources.remove(self.name, drop_tables=True)
