"""Contracts between packages (pyproject.toml, `tool.importlinter`) and the linter hold in every commit."""

import os
import subprocess
import sys
from pathlib import Path

from hub_settings import ROOT


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"} | environment,
    )


def program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def test_every_import_contract_is_kept() -> None:
    done = run(program("lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout[done.stdout.find("Contracts\n") :] + done.stderr


def test_a_broken_contract_is_noticed(tmp_path: Path) -> None:
    """The contracts above are read from wildcards: this proves that a wildcard does catch what it should."""
    area = tmp_path / "operational_app" / "erp" / "items"
    area.mkdir(parents=True)
    for package in (area, area.parent, area.parent.parent, *(tmp_path / name for name in ("pipelines", "connectors"))):
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
    for package in ("operational_app/core", "dashboards"):
        (tmp_path / package).mkdir()
    (tmp_path / "operational_app" / "core" / "__init__.py").touch()
    (tmp_path / "operational_app" / "core" / "db.py").touch()
    (tmp_path / "dashboards" / "__init__.py").write_text("import connectors\n")
    (area / "rules.py").write_text("import sqlalchemy\nfrom operational_app.erp.items import queries\n")
    (area / "queries.py").write_text("import fastapi\nimport pipelines\n")
    configuration = ROOT / "pyproject.toml"
    done = subprocess.run(
        [program("lint-imports"), "--no-cache", "--config", str(configuration)],
        check=False, capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    said = " ".join(done.stdout.split())
    assert done.returncode == 1, said
    for contract in (
        "commands > checks > queries > rules > models BROKEN",
        "no database BROKEN",
        "No web framework in business code BROKEN",
        "its command line may BROKEN",
        "Dashboards know neither the app nor connectors BROKEN",
    ):
        assert contract in said


def test_ruff_finds_nothing() -> None:
    done = run(program("ruff"), "check", "--output-format", "concise")
    assert done.returncode == 0, done.stdout + done.stderr


def test_code_is_formatted() -> None:
    done = run(program("ruff"), "format", "--check")
    assert done.returncode == 0, done.stdout + "Run: .hub/venv/bin/ruff format"
