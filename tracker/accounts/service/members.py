"""Who belongs to a campaign, and as what."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts import queries
from tracker.accounts.models import Account, CampaignMember, Invitation, Membership, Role
from tracker.accounts.service.errors import AccountError
from tracker.accounts.service.invitations import invite
from tracker.accounts.service.people import checked_address
from tracker.db import db
from tracker.words import _

MEMBER_ALREADY = _("They belong to this campaign already.")
DISABLED = _("This account is disabled.")
NOT_A_MEMBER = _("They do not belong to this campaign.")


def add_member(
    campaign_id: int, account: Account, membership: Membership, *, actor: Account | None, now: dt.datetime
) -> CampaignMember:
    """Take somebody into a campaign. Raises AccountError when they are in, or disabled."""
    if not account.active:
        raise AccountError(DISABLED, "email")
    if queries.member(campaign_id, account.id) is not None:
        raise AccountError(MEMBER_ALREADY, "email")
    member = CampaignMember(
        campaign_id=campaign_id,
        account_id=account.id,
        membership=membership,
        joined_at=now,
        added_by_id=actor.id if actor else None,
    )
    db.session.add(member)
    try:
        db.session.flush()
    except sa.exc.IntegrityError:  # added by somebody else at the same moment
        raise AccountError(MEMBER_ALREADY, "email") from None
    return member


def invite_member(
    campaign_id: int, title: str, email: str, membership: Membership, *, actor: Account, now: dt.datetime
) -> CampaignMember | Invitation:
    """Take in whoever has this address; invite it, as a viewer, when nobody has. Raises AccountError.

    Whom an administrator has invited already keeps the role offered: a lead neither gives one nor takes one away.
    """
    account = queries.account_by_email(email)
    if account is not None:
        return add_member(campaign_id, account, membership, actor=actor, now=now)
    return invite(
        email,
        role=_offered_role(email, now=now) or Role.VIEWER,
        campaign_id=campaign_id,
        campaign_title=title,
        membership=membership,
        actor=actor,
        now=now,
    )


def _offered_role(email: str, *, now: dt.datetime) -> Role | None:
    return db.session.scalar(
        sa.select(Invitation.role).where(
            Invitation.email == checked_address(email),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
    )


def change_membership(campaign_id: int, account: Account, membership: Membership) -> None:
    """Another part in a campaign. Raises AccountError when they have none."""
    member = queries.member(campaign_id, account.id)
    if member is None:
        raise AccountError(NOT_A_MEMBER)
    member.membership = membership


def remove_member(campaign_id: int, account: Account) -> None:
    """Let somebody go. Raises AccountError when they do not belong. Administrators can always take a lead in again."""
    member = queries.member(campaign_id, account.id)
    if member is None:
        raise AccountError(NOT_A_MEMBER)
    db.session.delete(member)
