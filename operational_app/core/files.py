"""What is in the files of documents: kept in HUB_HOME/files by its SHA-256, so that the same content lies there once.

Content is written whole, forced to disk and only then given its name; the row that names it (`core.attachment`) is
committed after that. So a row never names content that is not there; content that no row names, after a crash or a
refused command, is harmless. An upload is answered with a ticket that only its uploader can use: knowing the hash of
somebody else's file must not be a way to read it.
"""

import hashlib
import hmac
import mimetypes
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import hub_settings
from operational_app.core.errors import FilesFull, FileTooLarge, InvalidInput
from operational_app.core.i18n import _

MOST_BYTES = 20 * 1024 * 1024
LONGEST_NAME = 200
CHUNK = 1 << 20


@dataclass(frozen=True)
class Stored:
    """Content that lies in the store of files."""

    content_hash: str
    size: int


def folder() -> Path:
    return hub_settings.home() / "files"


def path_of(content_hash: str) -> Path:
    """Where content lies."""
    if not re.fullmatch("[0-9a-f]{64}", content_hash):
        raise ValueError("not a SHA-256")
    return folder() / content_hash[:2] / content_hash


def keep(chunks: Iterable[bytes]) -> Stored:
    """Keep content; it is on disk when this returns.

    Raises:
        FileTooLarge: more than MOST_BYTES.
        FilesFull: the disk took no more; nothing is left behind.
    """
    try:
        return _keep(chunks)
    except OSError as error:
        raise FilesFull(reason=error.strerror or str(error)) from error


def _keep(chunks: Iterable[bytes]) -> Stored:
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    whole, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder(), prefix=".arriving-", delete=False) as file:
        arriving = Path(file.name)
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise FileTooLarge(most=MOST_BYTES // (1024 * 1024))
                whole.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            target = path_of(whole.hexdigest())
            target.parent.mkdir(mode=0o700, exist_ok=True)
            # Two who bring the same content at once both end with the same file.
            arriving.replace(target)
            _sync_folder(target.parent)
            _sync_folder(folder())
        finally:
            arriving.unlink(missing_ok=True)
    return Stored(whole.hexdigest(), size)


def _sync_folder(path: Path) -> None:
    """Without this, a power cut could take the file's name away again."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def ticket_for(stored: Stored, user_id: int) -> str:
    """What the uploader sends with `attach_file`."""
    said = f"{stored.content_hash}.{stored.size}"
    return f"{said}.{_seal(said, user_id)}"


def redeem(ticket: str, user_id: int) -> Stored:
    """The content that a ticket stands for.

    Raises:
        InvalidInput: it is none, or another user's.
    """
    said, _dot, seal = ticket.rpartition(".")
    content_hash, _dot, size = said.partition(".")
    genuine = ticket.isascii() and hmac.compare_digest(seal, _seal(said, user_id))
    if not genuine or not path_of(content_hash).is_file():
        raise InvalidInput(fields={"upload": _("Upload the file first, then send the ticket that you were given.")})
    return Stored(content_hash, int(size))


def _seal(said: str, user_id: int) -> str:
    key = hub_settings.secret("uploads").encode()
    return hmac.new(key, f"{user_id}.{said}".encode(), hashlib.sha256).hexdigest()


def plain_name(name: str) -> str:
    """A file's name without folders, control and direction characters, not too long; the ending stays.

    Raises:
        InvalidInput: nothing is left of it.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip().lstrip(".").strip()
    if not shown:
        raise InvalidInput(fields={"file_name": _("The file needs a name.")})
    stem, dot, ending = shown.rpartition(".")
    if len(shown) > LONGEST_NAME and dot and len(ending) < 20:
        return stem[: LONGEST_NAME - len(ending) - 1] + "." + ending
    return shown[:LONGEST_NAME]


def media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
