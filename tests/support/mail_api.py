"""A mail API on the loopback over real TLS, which answers, or fails, as a test tells it.

Written over bare sockets rather than a web framework: what matters is to the byte when it hangs up.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy

TAKEN = (200, '{"id": "<1@example.org>", "message": "Queued. Thank you."}')


@dataclass(frozen=True)
class Request:
    """One whole request."""

    path: str
    headers: dict[str, str]
    fields: dict[str, bytes]


class MailApi:
    """``answer`` is the status and body to give; ``fault`` one of headers (hang up after them), body (after all but the
    last bytes), silent (take all, never answer), dropped (take all, hang up), early (answer after the headers)."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.ended = 0
        self.answer = TAKEN
        self.fault = ""
        self.keep_alive = True
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Whoever sends much to a server that does not listen notices it before the end.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self._open: list[socket.socket] = []
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="mail api", daemon=True).start()

    @property
    def url(self) -> str:
        """The MAIL_URL of this API."""
        return f"mailgun+https://api:key-of-a-test@127.0.0.1:{self.port}/v3/example.org"

    def close(self) -> None:
        """Stop listening and hang up."""
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            wire = self._context.wrap_socket(plain, server_side=True)
            self._open.append(wire)
            self.connections += 1
            try:
                with wire, wire.makefile("rb") as file:
                    while self._one(wire, file):
                        pass
            finally:
                self.ended += 1

    def _one(self, wire: socket.socket, file: object) -> bool:
        line = file.readline().decode()  # type: ignore[attr-defined]
        if not line:
            return False
        headers = {}
        while header := file.readline().decode().strip():  # type: ignore[attr-defined]
            name, _, value = header.partition(": ")
            headers[name.lower()] = value
        if self.fault == "early":
            self._say(wire, close=True)
            threading.Event().wait(0.3)
            return False
        if self.fault == "headers":
            return False
        length = int(headers["content-length"])
        body = file.read(length - 4)  # type: ignore[attr-defined]
        if self.fault == "body":
            return False
        body += file.read(4)  # type: ignore[attr-defined]
        if len(body) < length:
            return False
        self.requests.append(Request(line.split()[1], headers, fields(headers["content-type"], body)))
        if self.fault == "silent":
            threading.Event().wait(30)
        if self.fault:
            return False
        self._say(wire, close=not self.keep_alive)
        return self.keep_alive

    def _say(self, wire: socket.socket, *, close: bool) -> None:
        status, body = self.answer
        head = f"HTTP/1.1 {status} Words\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        wire.sendall(f"{head}{'Connection: close' if close else 'X-Kept: yes'}\r\n\r\n{body}".encode())


def fields(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts of multipart/form-data, by name, to the byte."""
    boundary = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode(), policy=policy.HTTP).get_boundary()
    assert boundary is not None
    found = {}
    for part in body.split(f"--{boundary}".encode())[1:-1]:
        head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = head.decode().partition('name="')[2].partition('"')[0]
        found[name] = value.removesuffix(b"\r\n")
    return found
