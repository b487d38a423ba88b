"""An SMTP server that hangs up at a chosen step, or answers late: what a polite sink cannot do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

STEPS = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "body", "dot")


class CuttingServer:
    """Hangs up when ``cut_at`` is reached (one of STEPS); ``taken`` holds what was accepted, also if then cut at "dot".

    ``at_data`` is called before the reply to DATA, ``at_dot`` with the bytes before the reply to the final dot.
    """

    def __init__(self) -> None:
        self.cut_at = ""
        self.delay = 0.0  # seconds before each answer
        self.taken: list[bytes] = []
        self.at_data: Callable[[], None] = lambda: None
        self.at_dot: Callable[[bytes], None] = lambda data: None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as stream:

            def say(line: str) -> None:
                stream.write(line.encode() + b"\r\n")
                stream.flush()

            if self.cut_at == "connect":
                return
            say("220 here")
            while line := stream.readline():
                time.sleep(self.delay)
                verb = line.split()[0].upper().decode()
                if verb == self.cut_at or (verb in ("EHLO", "HELO") and self.cut_at == "EHLO"):
                    return
                if verb == "QUIT":
                    say("221 bye")
                    return
                if verb == "DATA":
                    self.at_data()
                    say("354 go")
                    if self.cut_at == "body":
                        return
                    data = b""
                    while (part := stream.readline()) != b".\r\n":
                        if not part:
                            return  # hung up without a final dot: nothing was handed over
                        data += part
                    self.at_dot(data)
                    self.taken.append(data)
                    if self.cut_at == "dot":
                        return
                say("250 ok")
