"""Style sheets and scripts, served by the app itself with the right to keep them for a year.

An address contains a fingerprint of what all files hold together, so a new version has new addresses and nothing is ever
stale. Only the files named here are served: nothing else of an npm package can be reached.
"""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

import hub_settings
from operational_app.web.errors import NoSuchPage

OWN = Path(__file__).resolve().parent / "static"
# Name in addresses → file inside node_modules.
PACKAGES = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
}
YEAR = 31536000


class AssetsMissing(Exception):
    """The front-end packages are not installed; the message says what to do."""

    @property
    def hub_message(self) -> str:
        return str(self)


@cache
def files() -> dict[str, bytes]:
    """Every file that is served, by its name.

    Raises:
        AssetsMissing: set-up has not fetched the npm packages.
    """
    modules = hub_settings.home() / "assets" / "node_modules"
    found = {file.name: file.read_bytes() for file in sorted(OWN.iterdir()) if file.is_file()}
    for name, path in PACKAGES.items():
        if not (modules / path).is_file():
            raise AssetsMissing(f"The pages' style sheets are not installed ({path} is missing): run ./hub once.")
        found[name] = (modules / path).read_bytes()
    return found


@cache
def fingerprint() -> str:
    whole = hashlib.sha256()
    for name, content in sorted(files().items()):
        whole.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return whole.hexdigest()[:16]


def address(name: str) -> str:
    """Where a file is served."""
    files()[name]
    return f"/assets/{fingerprint()}/{name}"


def serve(request: Request, version: str, name: str) -> Response:
    """One file. An old fingerprint gets the present content too, but may not keep it."""
    content = files().get(name)
    if content is None:
        raise NoSuchPage()
    current = version == fingerprint()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "etag": etag,
        "cache-control": f"public, max-age={YEAR}, immutable" if current else "no-cache",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers=headers)
