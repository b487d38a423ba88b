"""Accounts, sign-ins, invitations, campaign membership. The table is `account`: `user` is a keyword in PostgreSQL."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from flask_security.core import RoleMixin, UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts import append_only  # noqa: F401 - guards access_record whenever it is created
from tracker.db import Choice, Model, PublicId, Versioned


class Role(enum.StrEnum):
    """What an account is in the team."""

    ADMINISTRATOR = "administrator"
    ORGANISER = "organiser"
    VIEWER = "viewer"


class Membership(enum.StrEnum):
    """What an account is in one campaign."""

    LEAD = "lead"
    EDITOR = "editor"
    READER = "reader"


class RoleWord(RoleMixin):
    """A role as Flask-Security reads it; the truth is Account.role."""

    def __init__(self, role: Role) -> None:
        self.name = role.value
        self.permissions: list[str] = []


class Account(PublicId, Versioned, Model, UserMixin):
    """Somebody who signs in. The address stays readable in the database: the sign-in library looks it up."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(255), unique=True)
    email_since: Mapped[dt.datetime | None]  # None: it was never changed
    # What the team sees; may be a handle. Outside the team everybody is "the organisers" (safety.md, 11).
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    role: Mapped[Role] = mapped_column(Choice(Role), default=Role.VIEWER)
    may_see_contacts: Mapped[bool] = mapped_column(default=False)
    may_export: Mapped[bool] = mapped_column(default=False)
    # None: signs in by mailed links alone.
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    confirmed_at: Mapped[dt.datetime | None]
    # The second factor, under Flask-Security's names (accounts/factor.py). The secret is sealed by DATA_KEY.
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255))
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(sa.String(64), unique=True)  # type: ignore[assignment]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(sa.JSON)  # hashes; each works once
    tf_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)  # the newest half minute whose code was used
    tf_since: Mapped[dt.datetime | None]
    locale: Mapped[str] = mapped_column(sa.String(16), default="en")
    zone: Mapped[str] = mapped_column(sa.String(64), default="UTC")
    created_at: Mapped[dt.datetime]
    # "Since I was last here": the end of the visit before this one, or what its reader has said to have seen.
    last_home_at: Mapped[dt.datetime | None]
    last_here_at: Mapped[dt.datetime | None]  # at most a minute old; outlives the sign-ins, which are swept
    # Keys of one letter; who speaks to the computer, or is often hit by them, turns them off (WCAG 2.1.4).
    shortcuts: Mapped[bool] = mapped_column(default=True, server_default=sa.true())

    memberships: Mapped[list[CampaignMember]] = relationship(
        back_populates="account", foreign_keys="CampaignMember.account_id"
    )

    @property
    def has_factor(self) -> bool:
        """Whether a second factor is asked for when this account signs in."""
        return self.tf_totp_secret is not None

    @property
    def needs_factor(self) -> bool:
        """Whether what this account may do asks for one: administration, contact data, exports."""
        return self.role is Role.ADMINISTRATOR or self.may_see_contacts or self.may_export

    @property
    def roles(self) -> list[RoleWord]:  # type: ignore[override]  # Flask-Security types it as a writable column
        """For Flask-Security alone: exactly one role."""
        return [RoleWord(self.role)]


class SignIn(PublicId, Model):
    """One sign-in on one device; deleting the row ends it (house.md, 4)."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)  # SHA-256 of the random id in the cookie
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]

    account: Mapped[Account] = relationship()


class DismissedHint(Model):
    """A first-run hint that somebody has waved away; it never comes back."""

    __tablename__ = "dismissed_hint"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    hint: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    dismissed_at: Mapped[dt.datetime]


class Invitation(PublicId, Model):
    """An invitation to an address, accepted once by choosing a password."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    email: Mapped[str] = mapped_column(sa.String(255), index=True)
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    role: Mapped[Role] = mapped_column(Choice(Role))
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign.id"))
    membership: Mapped[Membership | None] = mapped_column(Choice(Membership))
    invited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    accepted_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


class LinkPurpose(enum.StrEnum):
    """What a one-time link is for."""

    SETUP = "setup"
    SIGN_IN = "sign_in"
    RESET = "reset"
    EMAIL_CHANGE = "email_change"


class OneTimeLink(Model):
    """A link that works once and not for long: set-up, sign-in, reset, a new address. Known by its hash alone."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    purpose: Mapped[LinkPurpose] = mapped_column(Choice(LinkPurpose))
    # Nobody's only for the set-up link, which comes before the first account.
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(sa.String(255), default="")  # the address to change to
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]

    account: Mapped[Account | None] = relationship()


class CampaignMember(Model):
    """An account's part in one campaign."""

    __tablename__ = "campaign_member"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    membership: Mapped[Membership] = mapped_column(Choice(Membership))
    joined_at: Mapped[dt.datetime]
    added_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    account: Mapped[Account] = relationship(back_populates="memberships", foreign_keys=[account_id])


class Reading(enum.StrEnum):
    """What somebody did with people's data."""

    VIEWED = "viewed"
    EXPORTED = "exported"
    MERGED = "merged"  # two signatories were found to be one
    PARTED = "parted"  # and that was taken back
    LIFTED = "lifted"  # an address was taken off the list of those not to mail


class AccessRecord(Model):
    """That somebody saw or exported contact data. Written once, read by administrators, edited by nobody; a reason that
    names somebody can be emptied, once (append_only.py)."""

    __tablename__ = "access_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    # None: their account is gone, or it was done at the command line.
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    reading: Mapped[Reading] = mapped_column(Choice(Reading))
    count: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_at: Mapped[dt.datetime]
    # When the reason was emptied, and by whom; None for whom: their account is gone, or a restored copy had it again.
    blanked_at: Mapped[dt.datetime | None]
    blanked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"), index=True)
