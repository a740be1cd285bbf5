"""What is committed: locks with hashes and without addresses, nothing of the machine it was written on."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

from hub_settings import ROOT

# In halves, so that this file does not name what it looks for.
HOSTS = ("files.python" + "hosted.org", "pypi." + "org", "registry.npm" + "js.org", "deb." + "debian.org")
MACHINE = re.compile(
    r"(?<![\w.~-])/(?:"
    + "work"
    + "|"
    + "root"
    + r")/|/tmp/"
    + r"hub-[a-z0-9]+/|/home/(?!\.\.\.|me/|you/)[a-z]+/|C:\\Users"
)
TEXT_BYTES = 2_000_000


def texts() -> dict[str, str]:
    """Every tracked text file."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    found = {}
    for name in filter(None, names):
        path = ROOT / name
        if path.is_file() and path.stat().st_size < TEXT_BYTES:
            data = path.read_bytes()
            if b"\0" not in data:
                found[name] = data.decode(errors="replace")
    return found


def test_no_file_names_this_machine_or_a_registry() -> None:
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if any(host in line for host in HOSTS) or MACHINE.search(line)
    ]
    assert found == []


def test_the_search_finds_what_it_looks_for() -> None:
    assert MACHINE.search("see /" + "work/main/x") and MACHINE.search('"/' + 'root/.cache"')
    assert not MACHINE.search("operational_app/" + "work/x") and not MACHINE.search("a/" + "root/b")


def locked() -> dict[str, tuple[str, int]]:
    """Package → (version, number of hashes) of requirements.lock."""
    found: dict[str, tuple[str, int]] = {}
    name = ""
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if start := re.match(r"([a-z0-9._-]+)==(\S+)", line):
            name = start[1]
            found[name] = (start[2], 0)
        elif "--hash=sha256:" in line:
            version, hashes = found[name]
            found[name] = (version, hashes + 1)
    return found


def test_every_locked_package_has_a_version_and_hashes() -> None:
    packages = locked()
    assert len(packages) > 50
    assert [name for name, (_version, hashes) in packages.items() if hashes == 0] == []


def test_the_lock_carries_no_addresses() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text and " @ " not in text and "--index" not in text


def test_the_lock_holds_what_is_asked_for() -> None:
    packages = locked()
    asked = [
        line.split("#")[0].strip()
        for line in (ROOT / "requirements.in").read_text().splitlines()
        if line.split("#")[0].strip()
    ]
    for line in asked:
        name, _, version = re.sub(r"\[.*\]", "", line).partition("==")
        assert name in packages, f"{name} is asked for and not locked: compile requirements.lock again"
        assert not version or packages[name][0] == version


def test_every_dependency_is_argued_for() -> None:
    """docs/decisions/0002 has a row for each direct dependency: licence, size, why."""
    text = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text()
    asked = re.findall(r"^([a-z0-9-]+)", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    assert [name for name in asked if f"`{name}`" not in text] == []


def test_the_npm_lock_has_hashes_and_no_addresses() -> None:
    for path in ROOT.glob("operational_app/**/package-lock.json"):
        packages = json.loads(path.read_text())["packages"]
        assert [name for name, entry in packages.items() if name and not entry.get("integrity")] == []
        assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_links_between_our_documents_lead_somewhere() -> None:
    broken = [
        f"{name}: {target}"
        for name, text in texts().items()
        if name.endswith(".md")
        for target in re.findall(r"\]\(([^)#\s]+)", text)
        if "://" not in target and not ((ROOT / name).parent / target).exists()
    ]
    assert broken == []


def test_the_version_is_one() -> None:
    from operational_app import cli

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == cli.VERSION


def test_the_bootstrap_and_ci_can_be_executed() -> None:
    for name in ("hub", ".ci/run"):
        assert Path(ROOT / name).stat().st_mode & 0o111
