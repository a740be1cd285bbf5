"""A line to the server that can lose what comes back: what was sent arrives and is carried out, its answer never does."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit


class WeakLine:
    """Passes bytes on between a browser and a server; while `loses_answers`, the server's bytes are thrown away
    and the connection is closed instead."""

    def __init__(self, server: str) -> None:
        self.server = urlsplit(server)
        self.listener = socket.create_server(("localhost", 0))
        self.address = f"http://localhost:{self.listener.getsockname()[1]}"
        self.loses_answers = False
        self.answers_lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                browser, _peer = self.listener.accept()
            except OSError:
                return  # The listener was closed: the line is taken down.
            server = socket.create_connection((self.server.hostname, self.server.port))
            threading.Thread(target=self._pass_on, args=(browser, server, False), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, browser, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        # Either side may close at any time; then this connection is over, which is no fault of the line.
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if is_answer and self.loses_answers:
                    self.answers_lost += 1
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextlib.contextmanager
def weak_line(server: str) -> Iterator[WeakLine]:
    line = WeakLine(server)
    try:
        yield line
    finally:
        line.listener.close()
