"""The messages that the dashboards' sources mark, read from their syntax tree."""

import ast
from collections.abc import Iterator

from dashboards import labels
from dashboards.metrics import MONTHLY
from hub_settings import ROOT


def marked() -> Iterator[tuple[str, str]]:
    """(message, file) of every `_("…")`, and of the descriptions that pages read from dbt's glossary."""
    for file in sorted((ROOT / "dashboards").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                assert isinstance(node.args[0], ast.Constant), f"{file}:{node.lineno}: a message must be a plain text"
                yield node.args[0].value, str(file.relative_to(ROOT))
    for name in (measure.name for measure in MONTHLY):
        yield labels.glossary()[name], "dbt_project/models/glossary.md"
