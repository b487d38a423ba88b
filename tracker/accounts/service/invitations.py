"""Invitations: to an account, perhaps to a campaign too; by mail, for a week, once."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa

from tracker.accounts import emails, queries
from tracker.accounts.models import Account, CampaignMember, Invitation, Membership, Role
from tracker.accounts.service.errors import AccountError
from tracker.accounts.service.links import LinkUsed, absolute
from tracker.accounts.service.people import TAKEN, add_account, checked_address
from tracker.accounts.tokens import token_hash
from tracker.db import db
from tracker.settings import config
from tracker.words import _

NEEDS_PASSWORD = _("Choose a password. Only viewers may do without one.")


def invite(
    email: str,
    *,
    role: Role,
    name: str = "",
    campaign_id: int | None = None,
    campaign_title: str = "",
    membership: Membership | None = None,
    actor: Account | None,
    now: dt.datetime,
) -> Invitation:
    """Invite an address; an earlier open invitation to it ends. Raises AccountError: no address, has an account."""
    email = checked_address(email)
    if queries.account_by_email(email) is not None:
        raise AccountError(TAKEN, "email")
    db.session.execute(
        sa.update(Invitation)
        .where(Invitation.email == email, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    invitation = Invitation(
        email=email,
        name=name.strip(),
        role=role,
        campaign_id=campaign_id,
        membership=membership,
        invited_by_id=actor.id if actor else None,
        created_at=now,
    )
    _send(invitation, campaign_title=campaign_title, now=now)
    db.session.add(invitation)
    db.session.flush()
    return invitation


def resend_invitation(invitation: Invitation, *, now: dt.datetime) -> None:
    """Send it again with a new link; the earlier link ends. Raises LinkUsed if it is no longer open."""
    if invitation.accepted_at or invitation.revoked_at:
        raise LinkUsed
    _send(invitation, now=now)


def revoke_invitation(invitation: Invitation, *, now: dt.datetime) -> None:
    """Take it back. Raises LinkUsed if it was accepted meanwhile."""
    if invitation.accepted_at:
        raise LinkUsed
    invitation.revoked_at = now


def accept_invitation(token: str, *, name: str, password: str | None, zone: str, now: dt.datetime) -> Account:
    """Make the account it promises, and the membership. Raises LinkUsed, AccountError."""
    invitation = queries.usable_invitation(token_hash(token), now=now)
    if invitation is None:
        raise LinkUsed
    if not password and invitation.role is not Role.VIEWER:
        raise AccountError(NEEDS_PASSWORD, "password")
    accepted = (
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.accepted_at.is_(None))
        .values(accepted_at=now)
        .returning(Invitation.id)
    )
    if db.session.execute(accepted).first() is None:  # pressed twice at once
        raise LinkUsed
    account = add_account(
        invitation.email, role=invitation.role, name=name, password=password or None, zone=zone, now=now
    )
    if invitation.campaign_id is not None:
        db.session.add(
            CampaignMember(
                campaign_id=invitation.campaign_id,
                account_id=account.id,
                membership=invitation.membership or Membership.READER,
                joined_at=now,
                added_by_id=invitation.invited_by_id,
            )
        )
    return account


def _send(invitation: Invitation, *, campaign_title: str = "", now: dt.datetime) -> None:
    token = secrets.token_urlsafe(32)
    invitation.token_hash = token_hash(token)
    invitation.expires_at = now + config().durations.invitation
    emails.invitation(invitation, absolute(f"/invitations/{token}"), campaign_title=campaign_title, now=now)
