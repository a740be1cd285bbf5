"""Sign-in at a company's own identity provider (OpenID Connect): authorization code with PKCE, state and nonce.

What the provider says is believed only about who somebody is, never about rights: a person it names comes in as the user
to whom an administrator has opened this way (`external_sign_in`), the first time by a verified mail address, from then on
by the provider's own, unchanging subject. Nobody becomes a user by it. Sign-in with name and password stays.

The installation's settings (`hub single-sign-on`) are in HUB_HOME/secrets.json or HUB_OIDC_…; see hub_settings.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

import hub_settings
from operational_app.core.errors import (
    ProviderAway,
    ProviderRefused,
    SignInBroken,
    SingleSignOnOff,
    UnknownAtProvider,
)
from operational_app.core.i18n import _
from operational_app.core.models import AppUser
from operational_app.core.platform_models import ExternalSignIn

TIMEOUT_SECONDS = 10
# How long a person may take at the provider.
BEGUN_SECONDS = 600
DESCRIPTION_SECONDS = 3600
# Clocks of two companies differ.
LEEWAY_SECONDS = 60
LARGEST_ANSWER = 1_000_000
# What we accept a signature in; never "none", never one made with a shared key.
ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512", "EdDSA")


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun: what the browser keeps in a sealed cookie until it comes back."""

    state: str
    nonce: str
    verifier: str
    target: str
    until: int

    def sealed(self) -> str:
        said = base64.urlsafe_b64encode(json.dumps(vars(self)).encode()).decode()
        return f"{said}.{_seal(said)}"

    @classmethod
    def unsealed(cls, cookie: str, state: str) -> "Begun":
        """What the cookie says, if we wrote it lately and it belongs to this return.

        Raises:
            SignInBroken: begin again.
        """
        said, _dot, seal = cookie.partition(".")
        if not (cookie.isascii() and hmac.compare_digest(seal, _seal(said))):
            raise SignInBroken()
        begun = cls(**json.loads(base64.urlsafe_b64decode(said)))
        if begun.until < time.time() or not hmac.compare_digest(begun.state.encode(), state.encode()):
            raise SignInBroken()
        return begun


def _seal(said: str) -> str:
    key = hub_settings.secret("single_sign_on").encode()
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Person:
    """Who the provider says is there."""

    issuer: str
    subject: str
    email: str
    email_verified: bool


class Provider:
    """The identity provider of the installation, by what it says of itself (OpenID Connect Discovery).

    Raises:
        ProviderAway, ProviderRefused: from every method that asks it something.
    """

    def __init__(self, settings: hub_settings.SingleSignOn) -> None:
        self.settings = settings
        self.described = self._description()
        self.keys: dict[str, Any] = {}

    def _description(self) -> dict[str, Any]:
        issuer = self.settings.issuer
        found = _json(self._send("GET", issuer.rstrip("/") + "/.well-known/openid-configuration"))
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        # One that calls itself otherwise may be somebody else (Discovery, 4.3).
        if found.get("issuer") != issuer or not all(isinstance(found.get(name), str) for name in wanted):
            raise ProviderRefused(reason=_("its description does not belong to this issuer"))
        for name in wanted:
            require_safe(found[name])
        return found

    def begin(self, back: str, target: str) -> tuple[str, Begun]:
        """The provider's page to send the browser to, and what to keep until it comes back to the address `back`."""
        verifier = secrets.token_urlsafe(48)
        begun = Begun(
            secrets.token_urlsafe(24), secrets.token_urlsafe(24), verifier, target, int(time.time()) + BEGUN_SECONDS
        )
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": back,
            "scope": "openid email",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        page = self.described["authorization_endpoint"]
        return page + ("&" if urlsplit(page).query else "?") + urlencode(asked), begun

    def person_of(self, code: str, begun: Begun, back: str) -> Person:
        """Exchange the code for a token and say who it names, after everything about the token was checked."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": begun.verifier,
            "client_id": self.settings.client_id,
        }
        ways = self.described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        sealed: dict[str, Any] = {}
        if self.settings.client_secret and "client_secret_basic" in ways:
            # Each part is form-encoded before it is joined (RFC 6749, 2.3.1).
            name, secret = (
                urlencode({"": part})[1:] for part in (self.settings.client_id, self.settings.client_secret)
            )
            sealed["auth"] = httpx.BasicAuth(name, secret)
        elif self.settings.client_secret:
            form["client_secret"] = self.settings.client_secret
        answer = _json(self._send("POST", self.described["token_endpoint"], data=form, **sealed))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused(reason=_("it gave no identity token"))
        return self._checked(token, begun, answer.get("access_token"))

    def _checked(self, token: str, begun: Begun, access_token: object) -> Person:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError

        try:
            decoded = jwt.decode(token, self._key_of, algorithms=list(ALGORITHMS))
            issuer, client = self.settings.issuer, self.settings.client_id
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client}},
                {"nonce": begun.nonce, "client_id": client, "access_token": access_token},
            )
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderRefused(
                reason=_("its token is not good ({kind})").format(kind=type(error).__name__)
            ) from error
        # The claims' own check lets a missing nonce pass.
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), begun.nonce.encode()):
            raise ProviderRefused(reason=_("its token belongs to another sign-in"))
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
            raise ProviderRefused(reason=_("its token names nobody"))
        email = claims.get("email")
        return Person(
            issuer,
            subject,
            email.strip().lower() if isinstance(email, str) else "",
            claims.get("email_verified") is True,
        )

    def _key_of(self, token: Any) -> Any:
        """The key that a token says it was signed with; the provider is asked again for one that is new."""
        from joserfc.jwk import KeySet

        kid = token.headers().get("kid")
        if not self.keys or kid not in [key.get("kid") for key in self.keys.get("keys", [])]:
            self.keys = _json(self._send("GET", self.described["jwks_uri"]))
        usable = [
            key for key in self.keys.get("keys", []) if key.get("kty") != "oct" and key.get("use", "sig") == "sig"
        ]
        found = [key for key in usable if key.get("kid") == kid] if kid else usable
        if len(found) != 1:
            raise ValueError("no key of that name")
        return KeySet.import_key_set({"keys": found}).keys[0]

    def _send(self, method: str, address: str, **more: Any) -> httpx.Response:
        require_safe(address)
        try:
            answer = httpx.request(method, address, timeout=TIMEOUT_SECONDS, follow_redirects=False, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderAway(reason=type(error).__name__) from error
        if answer.status_code >= 500:
            raise ProviderAway(reason=f"HTTP {answer.status_code}")
        if answer.status_code != 200:
            raise ProviderRefused(reason=_reason_of(answer))
        return answer


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if len(answer.content) <= LARGEST_ANSWER else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ProviderRefused(reason=_("its answer is not readable"))
    return found


def _reason_of(answer: httpx.Response) -> str:
    """The provider's own code for what is wrong, if it is one (RFC 6749, 5.2)."""
    try:
        said = answer.json().get("error")
    except (ValueError, AttributeError):
        said = None
    return plain_reason(said) or f"HTTP {answer.status_code}"


def plain_reason(said: object) -> str:
    """A code such as access_denied; anything else could be a text of somebody who wants to be read."""
    known = isinstance(said, str) and len(said) <= 40 and said.replace("_", "").isalnum() and said.isascii()
    return str(said) if known else ""


def require_safe(address: str) -> None:
    """Codes and tokens travel under TLS only; this machine itself is the exception.

    Raises:
        ProviderRefused: the address is neither.
    """
    parts = urlsplit(address)
    if not (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1"))
    ):
        raise ProviderRefused(reason=_("its address is not https"))


_known: dict[hub_settings.SingleSignOn, tuple[float, Provider]] = {}
_lock = Lock()


def provider() -> Provider:
    """The installation's provider; what it says of itself is asked once an hour.

    Raises:
        SingleSignOnOff: this installation has none.
        ProviderAway, ProviderRefused: it cannot be asked.
    """
    settings = hub_settings.single_sign_on()
    if settings is None:
        raise SingleSignOnOff()
    with _lock:
        asked, known = _known.get(settings, (0.0, None))
        if known is None or time.monotonic() - asked > DESCRIPTION_SECONDS:
            known = Provider(settings)
            _known.clear()
            _known[settings] = (time.monotonic(), known)
        return known


def user_of(session: Session, person: Person) -> AppUser:
    """The user to whom this way in was opened.

    Raises:
        UnknownAtProvider: nobody; or the mail address is not verified, or belongs to somebody linked already.
    """
    found = session.scalars(
        select(ExternalSignIn)
        .where(
            ExternalSignIn.issuer == person.issuer,
            ExternalSignIn.subject == person.subject,
            ExternalSignIn.state == "linked",
        )
        .with_for_update()
    ).one_or_none()
    if found is None and person.email and person.email_verified:
        found = session.scalars(
            select(ExternalSignIn)
            .where(ExternalSignIn.email == person.email, ExternalSignIn.state == "allowed")
            .with_for_update()
        ).one_or_none()
    user = session.get(AppUser, found.user_id) if found is not None else None
    if found is None or user is None or user.disabled_at is not None:
        raise UnknownAtProvider(email=person.email or person.subject)
    if found.state == "allowed":
        found.issuer, found.subject, found.state = person.issuer, person.subject, "linked"
        found.linked_at = datetime.now(UTC)
    return user
