"""An SMTP server on the loopback that keeps what it was given and answers as a test tells it."""

from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.processes import free_port

OK = "250 OK"


@dataclass(frozen=True)
class Received:
    """One accepted message: the envelope and the very bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        return message_from_bytes(self.content, policy=policy.default)  # type: ignore[return-value]


class SmtpSink:
    """``received`` holds what was accepted. ``answer_rcpt`` and ``answer_data`` may be set to a reply such as
    ``"451 later"``, or to a function of the recipient or the message that returns one; ``reset()`` mends all."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.refused: list[tuple[str, str]] = []
        self.answer_rcpt: str | Callable[[str], str] = OK
        self.answer_data: str | Callable[[Received], str] = OK
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True)
        self._controller.start()

    @property
    def url(self) -> str:
        """The MAIL_URL of this sink."""
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[Received]:
        """What this address received, in order."""
        return [mail for mail in self.received if address in mail.recipients]

    def reset(self) -> None:
        """Forget all mail and answer 250 to everything."""
        self.received.clear()
        self.refused.clear()
        self.answer_rcpt = self.answer_data = OK

    def close(self) -> None:
        """Stop listening."""
        self._controller.stop()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd's hook for each recipient."""
        reply = self.answer_rcpt if isinstance(self.answer_rcpt, str) else self.answer_rcpt(address)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        else:
            self.refused.append((address, reply))
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook for the final dot."""
        content = envelope.original_content or b""
        mail = Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), content)
        reply = self.answer_data if isinstance(self.answer_data, str) else self.answer_data(mail)
        if reply.startswith("2"):
            self.received.append(mail)
        else:
            self.refused.extend((address, reply) for address in mail.recipients)
        return reply
