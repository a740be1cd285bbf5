"""A service with an HTTP API, for tests: a process of its own, orders in memory, and failures on demand.

`POST /_set` gives it its orders and its plan of failures; everything else is the API. Run with a port file as argument.
"""

import json
import socket
import struct
import sys
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

STATE: dict = {"orders": [], "failures": [], "asked": [], "token": "t0ken"}


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        """Tests read answers, not a log."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/_set":
            STATE.update(json.loads(body))
            STATE["asked"] = []
            return self.answer(200, "{}")
        if self.path == "/_asked":
            return self.answer(200, json.dumps(STATE["asked"]))
        if self.path == "/login":
            given = json.loads(body)
            STATE["token"] = f"t{time.monotonic_ns()}"
            right = given == {"user": "hub", "password": "s3cret"}
            return self.answer(200 if right else 403, json.dumps({"data": {"token": STATE["token"]}} if right else {}))
        if self.path == "/token":
            right = b"client_secret=s3cret" in body and b"grant_type=client_credentials" in body
            return self.answer(200 if right else 400, json.dumps({"access_token": STATE["token"]}))
        if self.path == "/rpc":
            return self.rpc(json.loads(body))
        return self.answer(404, "{}")

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        STATE["asked"].append([path, query, time.monotonic()])
        if STATE["failures"] and self.fail(STATE["failures"].pop(0)):
            return None
        if path.startswith("/private") and self.headers.get("Authorization") != f"Bearer {STATE['token']}":
            return self.answer(401, "{}")
        if path == "/away":
            return self.answer(200, json.dumps({"items": [{"id": 1}], "next": "http://localhost:9/steal"}))
        orders = [one for one in STATE["orders"] if one.get("changed", "") >= query.get("since", "")]
        size = int(query.get("size", 10))
        start = int(query.get("offset", 0)) or (int(query.get("page", 1)) - 1) * size
        if "after" in query:
            start = next((n + 1 for n, one in enumerate(orders) if str(one["id"]) == query["after"]), 0)
        page = orders[start : start + size]
        more = start + size < len(orders)
        answer = {"data": {"items": page}, "total": len(orders), "more": more}
        if more:
            answer["next"] = str(page[-1]["id"])
        links = {"Link": f'<{path}?offset={start + size}&size={size}>; rel="next"'} if more else {}
        return self.answer(200, numbers(answer), links)

    def rpc(self, call: dict) -> None:
        """A service where everything is a POST of method and params, with the filter and the page in the body."""
        assert call["method"] == "order.search_read", call
        [[field, operator, since]], offset, limit = call["params"]
        found = [one for one in STATE["orders"] if one[field] >= since] if operator == ">=" else []
        self.answer(200, numbers({"result": found[offset : offset + limit]}))

    def fail(self, how: str) -> bool:
        if how == "reset":
            # With nothing to linger for, closing sends a reset. The streams hold the socket until the handler is done.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif how == "half":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"data": {"it')
            self.close_connection = True
        elif how == "no json":
            self.answer(200, "<html>busy</html>")
        elif how == "429":
            self.answer(429, "{}", {"Retry-After": "1"})
        elif how == "429 date":
            self.answer(429, "{}", {"Retry-After": formatdate(time.time() + 1, usegmt=True)})
        elif how == "expired":
            STATE["token"] = "another"
            return False
        elif how == "ok":
            return False
        else:
            self.answer(int(how), json.dumps({"error": "no such thing"}))
        return True

    def answer(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def numbers(answer: dict) -> str:
    """Amounts are texts in a test and numbers in the answer: no double on their way."""
    text = json.dumps(answer, ensure_ascii=False)
    return text.replace('"#', "").replace('#"', "")


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    Path(sys.argv[1]).write_text(str(server.server_address[1]))
    server.serve_forever()
