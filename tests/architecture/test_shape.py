"""The same shape in every area, files of a size that can be read, exact numbers: what a linter cannot keep."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub_settings import ROOT

APP = ROOT / "operational_app"
MODULES = ("erp", "crm", "oa", "hr", "finance")
# What an area may consist of. One of these that grows too long becomes a folder of the same name, split by verb.
AREA = {"__init__", "models", "rules", "commands", "queries", "checks"}
# Beside its areas, a module has its facts, its refusals, and its rights.
MODULE = {"__init__", "events", "errors"}
DATA = {".csv", ".json", ".toml", ".sql", ".md"}
LONGEST_FILE_LINES = 500


def tracked(*patterns: str) -> list[Path]:
    """Files that are in the repository or about to be; not what a tool left behind."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def areas() -> Iterator[Path]:
    for module in MODULES:
        for folder in sorted((APP / module).glob("*/")):
            if folder.is_dir() and folder.name != "__pycache__":
                yield folder


def strangers(folder: Path, allowed: set[str]) -> list[str]:
    """What lies in a folder beside the allowed Python files (or folders of these names), data, and folders of data."""
    return sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.name != "__pycache__"
        and entry.suffix not in DATA
        and not (entry.stem in allowed and (entry.is_dir() or entry.suffix == ".py"))
        and not (entry.is_dir() and all(inner.suffix in DATA for inner in entry.iterdir()))
    )


def test_every_area_has_the_same_few_files() -> None:
    found = {str(area.relative_to(ROOT)): strangers(area, AREA) for area in areas()}
    assert not {area: names for area, names in found.items() if names}


def test_every_module_has_its_areas_and_little_else() -> None:
    for module in MODULES:
        names = {area.name for area in areas() if area.parent.name == module}
        assert strangers(APP / module, MODULE | names) == []


def test_every_module_says_what_it_is_in_a_readme() -> None:
    assert [module for module in MODULES if not (APP / module / "README.md").is_file()] == []


def test_no_python_file_is_too_long_to_be_read() -> None:
    """Migrations are left out: each is a record of what was done, and is not edited."""
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in tracked("*.py", "hub")
        if path.parent != APP / "migrations" / "versions"
    }
    assert len(sizes) > 20
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST_FILE_LINES} == {}


def test_every_python_file_says_what_belongs_there() -> None:
    """A module docstring; test files and packages that only hold others may do without."""
    lacking = [
        str(path.relative_to(ROOT))
        for path in tracked("*.py")
        if path.name != "__init__.py" and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert lacking == []


def floats(tree: ast.AST) -> Iterator[int]:
    """Lines where a value is turned into a binary float, or a column declared as one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            yield node.lineno
        if isinstance(node, (ast.ImportFrom, ast.Import)):
            if {alias.name for alias in node.names} & {"Float", "REAL", "Double", "DOUBLE", "DOUBLE_PRECISION"}:
                yield node.lineno
        if isinstance(node, ast.Attribute) and node.attr in {"Float", "REAL", "Double", "DOUBLE_PRECISION"}:
            yield node.lineno


@pytest.mark.parametrize("module", ["core", *MODULES, "links"])
def test_no_binary_float_where_money_and_quantities_are(module: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in tracked(f"operational_app/{module}/**.py")
        for line in floats(ast.parse(path.read_text()))
    }
    assert found == set()


def test_a_float_would_be_found() -> None:
    assert list(floats(ast.parse("a = 1\nb = float(a)\nc: Mapped = column(sa.Float)"))) == [2, 3]
