"""A way to a server that may go silent: it still accepts whoever comes, and nothing ever answers."""

from __future__ import annotations

import socket
import threading


class Way:
    """Listens on a free port of the loopback and passes on what comes, both ways, unless it `is_silent`."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._open = threading.Event()
        self._open.set()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, name="way", daemon=True).start()

    def silence(self) -> None:
        """From now on nothing passes, and nobody is told."""
        self._open.clear()

    def speak(self) -> None:
        """Let pass what waits and what comes."""
        self._open.set()

    def close(self) -> None:
        """Stop listening."""
        self.speak()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        self._open.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        threading.Thread(target=self._pump, args=(far, near), daemon=True).start()
        self._pump(near, far)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._open.wait()
                target.sendall(data)
        except OSError:
            pass
        finally:
            for one in (source, target):
                one.close()
