"""A mail server on the loopback that takes everything at once, in a process of its own: `python -m bench.room.sink`.

It says its port, then for each mail to somebody who is waited for (`waited…@`) the moment at which it came, by the
clock that processes share.
"""

from __future__ import annotations

import asyncio
import time

WAITED = b"<waited"


class Sink(asyncio.Protocol):
    """One connection: answers each command, and takes what stands between 354 and the dot without reading it. Like any
    mail server it takes several commands in one piece; a client that asks and waits is answered as quickly."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.is_body = transport, b"", False
        self.waited = b""
        self.transport.write(b"220 here\r\n")

    def data_received(self, data: bytes) -> None:
        """Take what is whole of what came, and answer all of it at once."""
        self.buffer += data
        answers = b"".join(iter(self._answer, b""))
        if answers:
            self.transport.write(answers)

    def _answer(self) -> bytes:
        """The answer to the next command, or to a body; nothing while it is not whole."""
        if self.is_body:
            if not self.buffer.endswith(b"\r\n.\r\n"):  # nobody sends more before we answered
                return b""
            self.is_body, self.buffer = False, b""
            if self.waited:
                print(self.waited.decode(), time.monotonic(), flush=True)
            return b"250 taken\r\n"
        line, end, rest = self.buffer.partition(b"\r\n")
        if not end:
            return b""
        self.buffer = rest
        verb = line[:4].upper()
        if verb == b"EHLO":
            return b"250-here\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
        if verb == b"DATA":
            self.is_body = True
            return b"354 go\r\n"
        if verb == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
            return b""
        if verb == b"RCPT":
            self.waited = line.partition(b"<")[2].partition(b"@")[0] if WAITED in line else b""
        return b"250 ok\r\n"


async def main() -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
