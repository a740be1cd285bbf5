"""Known data sets: what a folder that we recognise means. The profiles are data, in `profiles/*.yml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import gettext as _
from pathlib import Path
from typing import Any

import yaml

from connectors.base import SourceError, TableOptions

FOLDER = Path(__file__).parent / "profiles"


@dataclass(frozen=True)
class Profile:
    """A known data set.

    Attributes:
        name: of the profile.
        source: the name under which it is registered: its tables lie in `raw_<source>`.
        company: code, name and currency of the company that it describes.
        recognise: file names; a folder that holds any of them is this data set.
        tables: table → what is known about it.
    """

    name: str
    source: str
    company: Mapping[str, str] = field(default_factory=dict)
    recognise: tuple[str, ...] = ()
    tables: Mapping[str, TableOptions] = field(default_factory=dict)


def _read(path: Path) -> Profile:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Profile(
        name=path.stem,
        source=data["source"],
        company=data["company"],
        recognise=tuple(data["recognise"]),
        tables={table: TableOptions.of(options) for table, options in data["tables"].items()},
    )


@cache
def profiles() -> dict[str, Profile]:
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.yml"))}


def named(name: str) -> Profile:
    """The profile of that name.

    Raises:
        SourceError: there is none.
    """
    if name not in profiles():
        raise SourceError(
            _("There is no profile “{name}”; known are: {known}.").format(name=name, known=", ".join(profiles()))
        )
    return profiles()[name]


def recognise(folder: Path) -> Profile | None:
    """The known data set in this folder.

    One of its files is enough: its confidential columns must not slip through because another file is missing.
    """
    for profile in profiles().values():
        if any((folder / file).is_file() for file in profile.recognise):
            return profile
    return None
