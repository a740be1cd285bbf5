"""Time-based one-time passwords (RFC 6238 over RFC 4226): six digits, half-minute steps, SHA-1, as every app has them."""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
# Clocks differ, and typing takes time: the step before and the one after count too.
TOLERANCE = 1


def new_secret() -> str:
    """A key of 160 bits, in base32 as apps take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def hotp(key: bytes, counter: int, digits: int = DIGITS, algorithm: str = "sha1") -> str:
    """The password of a counter (RFC 4226, 5.3)."""
    mac = hmac.new(key, struct.pack(">Q", counter), getattr(hashlib, algorithm)).digest()
    offset = mac[-1] & 15
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: str, code: str, now: int, last_step: int) -> int | None:
    """The time step that a code is right for, later than the last one used; None where it is wrong.

    Args:
        now: seconds since 1970.
        last_step: the step of the code used last: no code counts twice.
    """
    code = "".join(code.split())
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    key = decoded(secret)
    here = now // STEP_SECONDS
    right = [
        step
        for step in range(max(here - TOLERANCE, 0), here + TOLERANCE + 1)
        if hmac.compare_digest(hotp(key, step), code)
    ]
    return next((step for step in right if step > last_step), None)


def decoded(secret: str) -> bytes:
    """The key's bytes; raises ValueError where the text is no base32."""
    try:
        return base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    except binascii.Error as error:
        raise ValueError("not base32") from error


def address(secret: str, username: str, issuer: str = "Pentahub") -> str:
    """The otpauth address that an app takes, typed or from a QR code."""
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?secret={secret}&issuer={quote(issuer)}"


def new_recovery_code() -> str:
    """A code for when the device is lost: 80 bits in four groups."""
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[i : i + 4] for i in range(0, 16, 4))


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code; 80 random bits need no slow hash."""
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
