"""The command line as a user types it, in this process: exit code, what it printed, what it said beside."""

from typing import Any, NamedTuple

import pytest

from operational_app import cli


class Said(NamedTuple):
    code: int
    out: str
    err: str


def hub(capsys: pytest.CaptureFixture[str], *words: Any) -> Said:
    capsys.readouterr()
    code = cli.main([str(word) for word in words])
    captured = capsys.readouterr()
    return Said(code, captured.out, captured.err)
