"""The web's socket, opened by the supervisor: while the web server starts again, callers wait instead of failing."""

from __future__ import annotations

import errno
import socket

from tracker.operations.edge import Refusal


def listen(host: str, port: int) -> socket.socket:
    """Listen on host and port. Raises Refusal when they cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(
                f"Port {port} on {host} is in use; stop what uses it, or choose another with --port."
            ) from None
        if error.errno == errno.EACCES:
            raise Refusal(f"Port {port} may not be used by this user; choose one above 1023 with --port.") from None
        raise Refusal(f"{host} is not an address of this machine; look at --host.") from None
