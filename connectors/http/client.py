"""One client of one service: signs in, keeps the pace, tries again where that helps, and says in one sentence what failed."""

import base64
import email.utils
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from gettext import gettext as _
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from connectors import records
from connectors.base import Source, SourceError

AGAIN = {408, 425, 429, 500, 502, 503, 504}
ATTEMPTS, FIRST_WAIT, LONGEST_WAIT, TIMEOUT = 6, 0.5, 60.0, 60.0
WAYS = ("bearer", "basic", "header", "param", "login", "oauth2")


class Answer:
    """What a service answered, read as JSON."""

    def __init__(self, body: Any, link: str | None) -> None:
        self.body = body
        self.link = link  # the address of the next page, where a Link header names one


class Client:
    """Requests to one service. Not for several threads."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.base = source.url.rstrip("/") + "/"
        options = source.options
        self.auth: Mapping[str, Any] = options.get("auth") or {}
        if self.auth and self.auth.get("by") not in WAYS:
            raise SourceError(_("auth: by is one of {ways}.").format(ways=", ".join(WAYS)))
        retry = options.get("retry") or {}
        self.attempts = int(retry.get("attempts", ATTEMPTS))
        self.first_wait = float(retry.get("first_wait", FIRST_WAIT))
        self.pause = 1 / float(options["rate"]) if options.get("rate") else 0.0
        self.last = 0.0
        self.token: str | None = None
        self.http = httpx.Client(
            timeout=float(options.get("timeout", TIMEOUT)),
            headers={"Accept": "application/json", **options.get("headers", {})},
        )

    def close(self) -> None:
        self.http.close()

    def ask(self, method: str, path: str, params: Mapping[str, Any], headers: Mapping[str, str], body: Any) -> Answer:
        """One answer; what may pass by itself (a full server, a broken line, half an answer) is asked again.

        Raises:
            SourceError: the service refuses, or does not answer in all attempts.
        """
        url = urljoin(self.base, path.lstrip("/") if "://" not in path else path)
        if urlsplit(url)[:2] != urlsplit(self.base)[:2]:
            raise SourceError(
                _("{url} leads to another service than {base}: not followed.").format(url=url, base=self.base)
            )
        failure, signed_in_again = "", False
        for attempt in range(self.attempts):
            if attempt:
                time.sleep(min(self._wait, LONGEST_WAIT))
            self._wait = self.first_wait * 2**attempt
            self._keep_pace()
            signed_headers, signed_params = self._signed()
            try:
                answer = self.http.request(
                    method,
                    url,
                    params={**params, **signed_params} or None,
                    headers={**headers, **signed_headers},
                    json=body,
                )
            except httpx.HTTPError as error:
                failure = str(error) or type(error).__name__
                continue
            if answer.status_code == 401 and self.token and not signed_in_again:
                # A token that ran out in the middle: a new one, once.
                self.token, signed_in_again, self._wait, failure = None, True, 0.0, "401"
                continue
            if answer.status_code in AGAIN:
                failure = _("status {status}").format(status=answer.status_code)
                self._wait = max(self._wait, _retry_after(answer.headers.get("Retry-After")))
                continue
            if not answer.is_success:
                raise SourceError(
                    _("{url} answers {status}: {words}").format(
                        url=url, status=answer.status_code, words=answer.text.strip()[:200] or answer.reason_phrase
                    )
                )
            try:
                return Answer(records.parse(answer.content), answer.links.get("next", {}).get("url"))
            except ValueError as error:
                failure = _("an answer that is no JSON ({error})").format(error=error)
        raise SourceError(
            _("{url} did not answer in {attempts} attempts: {failure}. Try again later.").format(
                url=url, attempts=self.attempts, failure=failure
            )
        )

    def _keep_pace(self) -> None:
        wait = self.last + self.pause - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self.last = time.monotonic()

    def _secret(self, what: str) -> str:
        value = self.source.secret(what)
        if value is None:
            raise SourceError(
                _(
                    "{name} needs the secret {what}: set HUB_SOURCE_{upper}, or register it with --secret {what}=…."
                ).format(name=self.source.name, what=what, upper=f"{self.source.name}_{what}".upper())
            )
        return value

    def _signed(self) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and parameters that say who asks."""
        by = self.auth.get("by")
        if by == "basic":
            pair = f"{self.auth['user']}:{self._secret('password')}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}, {}
        if by == "param":
            return {}, {self.auth["name"]: self._secret("token")}
        if by in ("login", "oauth2"):
            self.token = self.token or self._sign_in()
            return {
                self.auth.get("name", "Authorization"): f"{self.auth.get('scheme', 'Bearer')} {self.token}".strip()
            }, {}
        if by in ("bearer", "header"):
            scheme = self.auth.get("scheme", "Bearer" if by == "bearer" else "")
            return {self.auth.get("name", "Authorization"): f"{scheme} {self._secret('token')}".strip()}, {}
        return {}, {}

    def _sign_in(self) -> str:
        """A token for user and password (`login`), or for a client's credentials (`oauth2`)."""
        if self.auth["by"] == "oauth2":
            data = {"grant_type": "client_credentials", "client_id": self.auth["client_id"],
                    "client_secret": self._secret("client_secret"), "scope": self.auth.get("scope", "")}  # fmt: skip
            arguments: dict[str, Any] = {"data": {name: value for name, value in data.items() if value}}
        else:
            arguments = {"json": fill(self.auth["body"], {"password": self._secret("password")})}
        url = urljoin(self.base, self.auth["path"].lstrip("/"))
        try:
            answer = self.http.post(url, **arguments)
            token = (
                records.at(records.parse(answer.content), self.auth.get("token", "access_token"))
                if answer.is_success
                else None
            )
        except (httpx.HTTPError, ValueError) as error:
            raise SourceError(_("Signing in at {url} failed: {error}").format(url=url, error=error)) from error
        if not isinstance(token, str):
            raise SourceError(
                _("Signing in at {url} failed: status {status}, no token in the answer.").format(
                    url=url, status=answer.status_code
                )
            )
        return str(token)


def fill(value: Any, words: Mapping[str, Any]) -> Any:
    """`{since}`, `{offset}` … in the texts of a configured request, replaced; a text that is one word keeps its type."""
    if isinstance(value, Mapping):
        return {name: fill(one, words) for name, one in value.items()}
    if isinstance(value, list):
        return [fill(one, words) for one in value]
    if not isinstance(value, str):
        return value
    for name, word in words.items():
        if value == f"{{{name}}}":
            return word
        value = value.replace(f"{{{name}}}", str(word))
    return value


def _retry_after(text: str | None) -> float:
    """Seconds that a server asks to wait, in either way of saying it."""
    if not text:
        return 0.0
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0  # Neither of the two ways: our own pace has to do.
