"""One journey for three commands where a server offers it, and what becomes of a letter when it says no to one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tracker.config import Config
from tracker.durations import Durations
from tracker.mail.letter import Letter
from tracker.mail.smtp import Smtp
from tracker.mail.transport import Interrupted, Refused, transport


class Talker:
    """A server that hears pieces as they come, and says to each command what `answer` tells; None hangs up."""

    def __init__(self) -> None:
        self.offers = "250-here\r\n250 PIPELINING"
        self.answer: Callable[[str, int], str | None] = lambda verb, letter: None if verb == "never" else "250 ok"
        self.pieces: list[bytes] = []
        self.taken: list[bytes] = []
        self.connections = 0
        self.letters = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.sendall(b"220 here\r\n")
        heard, is_body = b"", False
        while piece := connection.recv(100_000):
            self.pieces.append(piece)
            heard += piece
            while (end := heard.find(b"\r\n.\r\n" if is_body else b"\r\n")) >= 0:
                if is_body:
                    body, heard, is_body = heard[: end + 2], heard[end + 5 :], False
                    self.taken.append(body)
                    connection.sendall(b"250 taken\r\n")
                    continue
                line, heard = heard[:end].decode(), heard[end + 2 :]
                verb = line[:4].upper()
                self.letters += verb == "MAIL"
                said = self.offers if verb == "EHLO" else self.answer(verb, self.letters)
                if verb == "DATA" and said == "250 ok":
                    said = "354 go"
                if said is None:
                    return
                connection.sendall(said.encode() + b"\r\n")
                is_body = said.startswith("354")


@pytest.fixture
def talker() -> Iterator[Talker]:
    server = Talker()
    yield server
    server.close()


@pytest.fixture
def smtp(talker: Talker, config: Config) -> Iterator[Smtp]:
    with transport(config.mail, Durations(), name="localhost") as carrier:
        assert isinstance(carrier, Smtp)
        yield carrier


@pytest.fixture
def config(talker: Talker, tmp_path: object) -> Config:
    return Config.from_environ({"TRACKER_INSTANCE": str(tmp_path), "MAIL_URL": f"smtp://127.0.0.1:{talker.port}"})


def carry(smtp: Smtp, number: int = 1) -> int:
    data = f"Subject: {number}\r\n\r\n.\r\nwords\r\n".encode()
    to = f"{number}@example.org"
    return smtp.deliver(Letter("x", "u@example.org", to, to, data, needs_utf8=False), lambda: True).code


def test_three_commands_in_one_piece(talker: Talker, smtp: Smtp) -> None:
    """And nothing between two letters: two journeys each, where there were five."""
    assert [carry(smtp, number) for number in range(3)] == [250, 250, 250]
    commands = [piece for piece in talker.pieces if piece.startswith(b"MAIL")]
    assert commands[1] == b"MAIL FROM:<u@example.org>\r\nRCPT TO:<1@example.org>\r\nDATA\r\n"
    assert len(commands) == 3
    assert b"rset\r\n" not in talker.pieces
    assert talker.taken[2] == b"Subject: 2\r\n\r\n..\r\nwords\r\n"
    assert talker.connections == 1


def test_one_by_one_where_it_is_not_offered(talker: Talker, smtp: Smtp) -> None:
    """A server that does not offer it hears one command at a time."""
    talker.offers = "250 here"
    assert carry(smtp) == 250
    assert [piece[:4].lower() for piece in talker.pieces[1:4]] == [b"mail", b"rcpt", b"data"]


@pytest.mark.parametrize("waits", [True, False])
def test_a_refused_receiver(talker: Talker, smtp: Smtp, waits: bool) -> None:
    """The refusal is the receiver's, whether or not the server waits for bytes all the same; none of them leave, and
    the next letter goes."""

    def answer(verb: str, letter: int) -> str:
        if letter == 1 and verb == "RCPT":
            return "550 5.1.1 nobody"
        return "503 no receiver" if letter == 1 and verb == "DATA" and not waits else "250 ok"

    talker.answer = answer
    with pytest.raises(Refused) as refused:
        carry(smtp)
    assert (refused.value.reply.code, refused.value.about_receiver) == (550, True)
    assert carry(smtp, 2) == 250
    assert len(talker.taken) == 1
    assert talker.connections == (2 if waits else 1)
    assert (b"rset\r\n" in talker.pieces) is not waits, "what was said before is forgotten"


@pytest.mark.parametrize("said", [None, "421 enough"])
def test_a_server_that_had_enough(talker: Talker, smtp: Smtp, said: str | None) -> None:
    """It ends the connection after some letters: the next one goes over a new one, and is no failed attempt."""
    talker.answer = lambda verb, letter: said if verb == "MAIL" and letter == 2 else "250 ok"
    assert [carry(smtp, number) for number in range(2)] == [250, 250]
    assert talker.connections == 2


def test_a_server_that_never_takes_it(talker: Talker, smtp: Smtp) -> None:
    """Tried on one more connection, not for ever: surely not sent."""
    talker.answer = lambda verb, letter: None if verb == "MAIL" and letter > 1 else "250 ok"
    carry(smtp)
    with pytest.raises(Interrupted):
        carry(smtp)
    assert talker.connections == 2
    assert len(talker.taken) == 1
