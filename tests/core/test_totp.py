"""One-time passwords against the vectors of the RFCs."""

import base64

import pytest

from operational_app.core import totp

KEY = b"12345678901234567890"
# RFC 4226, appendix D.
HOTP = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
# RFC 6238, appendix B: eight digits; key of each algorithm as in the reference code.
TOTP = [
    (59, "sha1", "94287082"),
    (59, "sha256", "46119246"),
    (59, "sha512", "90693936"),
    (1111111109, "sha1", "07081804"),
    (1111111111, "sha1", "14050471"),
    (1234567890, "sha1", "89005924"),
    (2000000000, "sha1", "69279037"),
    (20000000000, "sha1", "65353130"),
    (20000000000, "sha256", "77737706"),
    (20000000000, "sha512", "47863826"),
]


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_counters_give_the_codes_of_rfc_4226(counter: int, code: str) -> None:
    assert totp.hotp(KEY, counter) == code


@pytest.mark.parametrize(("now", "algorithm", "code"), TOTP)
def test_times_give_the_codes_of_rfc_6238(now: int, algorithm: str, code: str) -> None:
    length = {"sha1": 20, "sha256": 32, "sha512": 64}[algorithm]
    key = (KEY * 4)[:length]
    assert totp.hotp(key, now // totp.STEP_SECONDS, 8, algorithm) == code


def test_a_code_is_good_for_one_step_either_way_and_once() -> None:
    secret = base64.b32encode(KEY).decode()
    code, step = HOTP[5], 5
    assert [totp.step_of(secret, code, at * 30, 0) for at in (3, 4, 5, 6, 7)] == [None, step, step, step, None]
    assert totp.step_of(secret, code, 5 * 30, step) is None, "used"
    assert totp.step_of(secret, f" {code[:3]} {code[3:]} ", 5 * 30, 0) == step
    for wrong in ("", "000000", code[:5], "２５４６７６", "abcdef", code + "0"):
        assert totp.step_of(secret, wrong, 5 * 30, 0) is None


def test_recovery_codes_are_long_and_read_however_they_are_typed() -> None:
    code = totp.new_recovery_code()
    assert len(code) == 19 and code != totp.new_recovery_code()
    assert totp.recovery_hash(code.upper().replace("-", " ")) == totp.recovery_hash(code)
