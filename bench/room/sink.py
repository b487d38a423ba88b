"""A mail server on the loopback that takes everything at once, in a process of its own: `python -m bench.room.sink`.

It says its port, then for each mail to somebody who is waited for (`waited…@`) the moment at which it came, by the
clock that processes share.
"""

from __future__ import annotations

import asyncio
import time

WAITED = b"<waited"


class Sink(asyncio.Protocol):
    """One connection: answers each command, and takes what stands between 354 and the dot without reading it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.is_body = transport, b"", False
        self.waited = b""
        self.transport.write(b"220 here\r\n")

    def data_received(self, data: bytes) -> None:
        """Take what is whole of what came."""
        self.buffer += data
        while self._take():
            pass

    def _take(self) -> bool:
        if self.is_body:
            if not self.buffer.endswith(b"\r\n.\r\n"):  # nobody sends more before we answered
                return False
            self.is_body, self.buffer = False, b""
            if self.waited:
                print(self.waited.decode(), time.monotonic(), flush=True)
            self.transport.write(b"250 taken\r\n")
            return False
        line, end, rest = self.buffer.partition(b"\r\n")
        if not end:
            return False
        self.buffer = rest
        verb = line[:4].upper()
        if verb == b"DATA":
            self.is_body = True
            self.transport.write(b"354 go\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        else:
            if verb == b"RCPT":
                self.waited = line.partition(b"<")[2].partition(b"@")[0] if WAITED in line else b""
            self.transport.write(b"250 ok\r\n")
        return True


async def main() -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
