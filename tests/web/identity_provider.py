"""A small identity provider (OpenID Connect) as a program of its own, for tests of the sign-in through one.

It does what the standard asks of one: a page that sends people back with a code good for one use, and a token endpoint
that checks client, address and PKCE before it gives a signed identity token. `POST /control` says who is at its page, and
which mistake or attack its next tokens shall be.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "pentahub test", "a secret: with signs"


class Provider(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.foreign_key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.control: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}

    def token_for(self, asked: dict[str, str]) -> str:
        control, now = self.control, int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "sub": "person 1",
            "email": "lily@company.example",
            "email_verified": True,
        } | control.get("claims", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        if control.get("signed") == "not":
            head, body = ({"alg": "none"}, claims)
            return (
                ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in (head, body))
                + "."
            )
        if control.get("signed") == "with the public key":
            key = OctKey.import_key(json.dumps(self.key.as_dict(private=False)).encode().ljust(64))
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, key)
        key = self.foreign_key if control.get("signed") == "by another" else self.key
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_arguments: object) -> None:
        pass

    def answer(self, status: int, body: object = None, location: str = "") -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        if location:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        provider, parts = self.server, urlsplit(self.path)
        if provider.control.get("down"):
            self.answer(500)
        elif parts.path == "/.well-known/openid-configuration":
            self.answer(200, {
                "issuer": provider.control.get("issuer", provider.issuer),
                "authorization_endpoint": provider.issuer + "/authorize",
                "token_endpoint": provider.issuer + "/token",
                "jwks_uri": provider.issuer + "/keys",
            })  # fmt: skip
        elif parts.path == "/keys":
            self.answer(200, {"keys": [provider.key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            back = {"state": asked["state"], "iss": provider.issuer}
            if provider.control.get("error"):
                back["error"] = provider.control["error"]
            else:
                back["code"] = secrets.token_urlsafe(16)
                provider.codes[back["code"]] = asked
            self.answer(303, location=asked["redirect_uri"] + "?" + urlencode(back))
        else:
            self.answer(404)

    def do_POST(self) -> None:
        provider = self.server
        content = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.path == "/control":
            provider.control = json.loads(content)
            self.answer(200)
            return
        form = {name: values[0] for name, values in parse_qs(content).items()}
        asked = provider.codes.pop(form.get("code", ""), None)
        said = base64.b64decode(self.headers.get("authorization", "").removeprefix("Basic ")).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if [unquote(part.replace("+", " ")) for part in said.split(":")] != [CLIENT, SECRET]:
            self.answer(401, {"error": "invalid_client"})
        elif (
            asked is None
            or asked["redirect_uri"] != form["redirect_uri"]
            or asked["code_challenge_method"] != "S256"
            or asked["code_challenge"] != challenge.rstrip(b"=").decode()
            or asked["client_id"] != CLIENT
        ):
            self.answer(400, {"error": "invalid_grant"})
        else:
            token = provider.token_for(asked)
            self.answer(200, {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "id_token": token})


if __name__ == "__main__":
    provider = Provider()
    print(provider.issuer, flush=True)
    try:
        provider.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
