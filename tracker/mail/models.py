"""The outbox."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.db import Choice, Model, PublicId


class EmailState(enum.StrEnum):
    """What is known of one message; `transmit` is committed just before its last bytes leave."""

    PENDING = "pending"
    CLAIMED = "claimed"
    TRANSMIT = "transmit"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


SETTLED = frozenset({EmailState.SENT, EmailState.FAILED, EmailState.CANCELLED})


class EmailKind(enum.StrEnum):
    """Why a message is sent; decides how soon."""

    INVITATION = "invitation"
    SIGN_IN_LINK = "sign_in_link"
    PASSWORD_RESET = "password_reset"
    ACCOUNT_NOTICE = "account_notice"
    CONFIRMATION = "confirmation"
    WORK_CODE = "work_code"  # a code to an address at work (tracker/work_addresses): others may read that mailbox
    REMINDER = "reminder"
    DIGEST = "digest"
    UPDATE = "update"  # of a campaign, to the signers who wished to hear
    TEST = "test"


class EmailBody(PublicId, Model):
    """Words that one or many messages share, sealed, frozen once written, wiped after settling."""

    __tablename__ = "email_body"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_sealed: Mapped[str | None] = mapped_column(sa.Text)
    text_sealed: Mapped[str | None] = mapped_column(sa.Text)
    html_sealed: Mapped[str | None] = mapped_column(sa.Text)
    locale: Mapped[str] = mapped_column(sa.String(16), default="en")
    written_at: Mapped[dt.datetime]
    wiped_at: Mapped[dt.datetime | None]


class Email(PublicId, Model):
    """One message to one receiver."""

    __tablename__ = "email"
    __table_args__ = (
        sa.Index("ix_email_due", "state", "priority", "next_attempt_at"),
        sa.Index("ix_email_recipient_hash_created_at", "recipient_hash", "created_at"),
        # Few rows, looked for every minute: each is wiped when its code is over, and gone a day later.
        sa.Index(
            "ix_email_work_code",
            "created_at",
            sqlite_where=sa.text("kind = 'work_code'"),
            postgresql_where=sa.text("kind = 'work_code'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[EmailKind] = mapped_column(Choice(EmailKind))
    priority: Mapped[int]  # 0 is first: confirmations and invitations go before digests
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("email_body.id"), index=True)
    recipient_sealed: Mapped[str | None] = mapped_column(sa.Text)
    recipient_hash: Mapped[str] = mapped_column(sa.String(64))
    domain_hash: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")  # for the domain's rate
    # Its turn by the domain's rate was given: it need not wait a second time.
    has_turn: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    # The receiver's own links (stop, manage, sign in), as sealed JSON; put into the shared words at sending.
    links_sealed: Mapped[str | None] = mapped_column(sa.Text)
    message_id: Mapped[str] = mapped_column(sa.String(255), unique=True)
    state: Mapped[EmailState] = mapped_column(Choice(EmailState), default=EmailState.PENDING)
    # Whoever holds this token holds the claim until the lease is over.
    token: Mapped[str | None] = mapped_column(sa.String(32))
    lease_until: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    # Since when it is tried: a mail that waited for a pause, or is sent again, has its whole ladder before it.
    first_tried_at: Mapped[dt.datetime | None]
    next_attempt_at: Mapped[dt.datetime]
    smtp_code: Mapped[int | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")  # the server's words, without addresses
    ambiguous: Mapped[bool] = mapped_column(default=False)  # a second copy may exist
    created_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]
    wiped_at: Mapped[dt.datetime | None]

    body: Mapped[EmailBody] = relationship()


class Sealed(Protocol):
    """What of a mail's row is its receiver's own."""

    @property
    def public_id(self) -> str: ...
    @property
    def recipient_sealed(self) -> str | None: ...
    @property
    def links_sealed(self) -> str | None: ...


class Suppression(Model):
    """An address that must not be written to again; known only by its keyed hash, which outlives erasure."""

    __tablename__ = "suppression"

    recipient_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.String(255))
    recorded_at: Mapped[dt.datetime]


class MailPace(Model):
    """Until when mails were let go: of all (`*`), or to one domain, known by its keyed hash."""

    __tablename__ = "mail_pace"

    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    free_at: Mapped[dt.datetime]


class Bounce(Model):
    """That an address bounced on a day in a way that may pass; enough of them end the writing."""

    __tablename__ = "bounce"

    recipient_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    bounced_on: Mapped[dt.date] = mapped_column(primary_key=True)
    weight: Mapped[int]  # 1: may pass by itself; 2: refused for good, but not because there is no such address
