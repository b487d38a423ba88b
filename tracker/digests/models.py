"""Subscriber, Subscription, DigestRun, Digest, DigestItem (digests.md)."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, Issue, SavedSearch
from tracker.companies.models import Company
from tracker.db import Choice, Model, PublicId, Versioned
from tracker.mail.models import Email


class Frequency(enum.StrEnum):
    """How often a subscriber hears from us."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Subscriber(PublicId, Versioned, Model):
    """Who hears from us: an account, or a bare address; with one frequency, hour, zone and language."""

    __tablename__ = "subscriber"
    __table_args__ = (
        sa.CheckConstraint("(account_id IS NULL) <> (address_hash IS NULL)", name="account_or_address"),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        sa.CheckConstraint("month_day BETWEEN 1 AND 31", name="month_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    address_sealed: Mapped[str | None] = mapped_column(sa.Text)
    address_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    frequency: Mapped[Frequency] = mapped_column(Choice(Frequency), default=Frequency.WEEKLY)
    weekday: Mapped[int] = mapped_column(default=1)  # ISO: Monday is 1; used when weekly
    month_day: Mapped[int] = mapped_column(default=1)  # 29 to 31 mean the last day of a shorter month
    hour: Mapped[int] = mapped_column(default=8)  # on the reader's own clock
    zone: Mapped[str] = mapped_column(sa.String(64), default="UTC")  # IANA
    locale: Mapped[str] = mapped_column(sa.String(16), default="en")
    neutral_subject: Mapped[bool] = mapped_column(default=False)
    # Periods due before this moment are not this subscriber's: when it began, or last changed its schedule.
    scheduled_from: Mapped[dt.datetime]
    # The next moment a digest falls due, in UTC; derived from the schedule, kept so that the sweep finds who is due.
    next_due_at: Mapped[dt.datetime] = mapped_column(index=True)
    confirmed_at: Mapped[dt.datetime | None]  # a bare address hears nothing before it
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    end_reason: Mapped[str] = mapped_column(sa.String(255), default="")
    # Makes this subscriber's links; changing it makes every earlier link useless.
    link_secret: Mapped[str] = mapped_column(sa.String(43))

    account: Mapped[Account | None] = relationship()

    @property
    def role(self) -> Role | None:
        """Of the account; None for a bare address."""
        return None if self.account is None else self.account.role

    subscriptions: Mapped[list[Subscription]] = relationship(back_populates="subscriber", order_by="Subscription.id")


class SubscriberMerge(Model):
    """That an address has an account since, with a subscriber of its own: what it followed, and its links, are that
    one's (uniting.py)."""

    __tablename__ = "subscriber_merge"

    subscriber_id: Mapped[int] = mapped_column(
        sa.ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    into_id: Mapped[int] = mapped_column(sa.ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)
    merged_at: Mapped[dt.datetime]


class Following(enum.StrEnum):
    """What a subscription follows."""

    CAMPAIGN = "campaign"
    COMPANY = "company"
    ISSUE = "issue"
    SAVED_SEARCH = "saved_search"
    EVERYTHING = "everything"


class Subscription(PublicId, Model):
    """One thing a subscriber follows; ended with a reason, never deleted."""

    __tablename__ = "subscription"
    __table_args__ = (sa.Index("ix_subscription_subscriber_id_ended_at", "subscriber_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(sa.ForeignKey("subscriber.id", ondelete="CASCADE"))
    following: Mapped[Following] = mapped_column(Choice(Following))
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    issue_id: Mapped[int | None] = mapped_column(sa.ForeignKey("issue.id"), index=True)
    saved_search_id: Mapped[int | None] = mapped_column(sa.ForeignKey("saved_search.id"))
    began_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    end_reason: Mapped[str] = mapped_column(sa.String(255), default="")
    # Where the mailbox may be read by whom the campaign asks: names of what it tells stay out of the subject line.
    neutral_subject: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    subscriber: Mapped[Subscriber] = relationship(back_populates="subscriptions")
    campaign: Mapped[Campaign | None] = relationship()
    company: Mapped[Company | None] = relationship()
    issue: Mapped[Issue | None] = relationship()
    saved_search: Mapped[SavedSearch | None] = relationship()


class SubscriptionRequest(PublicId, Model):
    """That somebody typed an address to hear of a campaign. Nothing comes before its owner confirms; then, or when it
    is too old, the row goes."""

    __tablename__ = "subscription_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    address_sealed: Mapped[str] = mapped_column(sa.Text)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    frequency: Mapped[Frequency] = mapped_column(Choice(Frequency))
    locale: Mapped[str] = mapped_column(sa.String(16), default="en")
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)

    campaign: Mapped[Campaign] = relationship()


class DigestRun(PublicId, Model):
    """What fell due together: one frequency at one moment."""

    __tablename__ = "digest_run"
    __table_args__ = (sa.UniqueConstraint("frequency", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    frequency: Mapped[Frequency] = mapped_column(Choice(Frequency))
    due_at: Mapped[dt.datetime]
    opened_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]

    digests: Mapped[list[Digest]] = relationship(back_populates="run")


class DigestState(enum.StrEnum):
    """What became of one subscriber's digest; `ready` until the outbox has settled its mail."""

    DUE = "due"
    READY = "ready"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Digest(PublicId, Model):
    """One subscriber's part of a run: one period, one mail, or the reason why there was none."""

    __tablename__ = "digest"
    __table_args__ = (
        sa.UniqueConstraint("subscriber_id", "frequency", "period_key"),
        sa.Index("ix_digest_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("digest_run.id"), index=True)
    subscriber_id: Mapped[int] = mapped_column(sa.ForeignKey("subscriber.id", ondelete="CASCADE"))
    frequency: Mapped[Frequency] = mapped_column(Choice(Frequency))
    period_key: Mapped[str] = mapped_column(sa.String(10))  # 2026-11-23, 2026-W48 or 2026-11, by the reader's calendar
    due_at: Mapped[dt.datetime]
    state: Mapped[DigestState] = mapped_column(Choice(DigestState), default=DigestState.DUE)
    reason: Mapped[str] = mapped_column(sa.String(255), default="")  # why skipped or failed
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("digest.id"))
    email_id: Mapped[int | None] = mapped_column(sa.ForeignKey("email.id"), index=True)
    composed_at: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]

    run: Mapped[DigestRun] = relationship(back_populates="digests")
    subscriber: Mapped[Subscriber] = relationship()
    email: Mapped[Email | None] = relationship()


class DigestResend(Model):
    """That somebody had a digest sent once more: who, when, and where it stood before. Never changed."""

    __tablename__ = "digest_resend"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest_id: Mapped[int] = mapped_column(sa.ForeignKey("digest.id", ondelete="CASCADE"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    asked_at: Mapped[dt.datetime]
    was: Mapped[DigestState] = mapped_column(Choice(DigestState))
    is_same: Mapped[bool]  # the same frozen mail with the same Message-ID; else composed anew

    asked_by: Mapped[Account | None] = relationship()


class DigestItem(Model):
    """That one entry was told to one subscriber, once.

    There are several of them to a mail, so they carry little: one key, and nothing that is looked up for each row. Who
    writes them has locked the subscriber, whose end takes digests and items alike; a digest ends in no other way.
    """

    __tablename__ = "digest_item"
    __table_args__ = {"sqlite_with_rowid": False}

    subscriber_id: Mapped[int] = mapped_column(
        sa.ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    entry_id: Mapped[int] = mapped_column(
        sa.ForeignKey("timeline_entry.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    digest_id: Mapped[int]  # the subscriber's
