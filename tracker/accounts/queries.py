"""What is asked of the database about accounts, sign-ins, invitations and links."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accounts.models import (
    AccessRecord,
    Account,
    CampaignMember,
    DismissedHint,
    Invitation,
    LinkPurpose,
    OneTimeLink,
    Role,
    SignIn,
)
from tracker.config import Durations
from tracker.db import db
from tracker.sealing.keyring import canonical_address


def account_by_email(email: str) -> Account | None:
    """The account of this address, however it was typed."""
    return db.session.scalar(sa.select(Account).where(Account.email == canonical_address(email)))


def addresses_of_team(addresses: Collection[str]) -> set[str]:
    """Which of these are an account's or an invitation's, as canonical addresses."""
    wanted = {canonical_address(one) for one in addresses}
    of_team = sa.union(
        sa.select(Account.email).where(Account.email.in_(wanted)),
        sa.select(Invitation.email).where(Invitation.email.in_(wanted)),
    )
    return set(db.session.scalars(of_team)) if wanted else set()


def account_by_public_id(public_id: str) -> Account | None:
    """The account with this public id."""
    return db.session.scalar(sa.select(Account).where(Account.public_id == public_id))


def accounts() -> sa.Select[Account]:
    """Everybody, active first, by name."""
    return sa.select(Account).order_by(Account.active.desc(), sa.func.lower(Account.name), Account.email)


def other_administrators(account: Account | None = None) -> int:
    """How many active administrators there are, apart from this one."""
    asked = sa.select(sa.func.count()).where(Account.role == Role.ADMINISTRATOR, Account.active)
    if account is not None:
        asked = asked.where(Account.id != account.id)
    return db.session.scalar(asked) or 0


def administrators_locked() -> sa.Select[int]:
    """The ids of all active administrators, their rows locked until the transaction ends."""
    return (
        sa.select(Account.id)
        .where(Account.role == Role.ADMINISTRATOR, Account.active)
        .order_by(Account.id)
        .with_for_update()
    )


def contact_readers_without_factor() -> list[Account]:
    """Who may administer, see contact data or export, and has no second factor yet; active accounts, by address.

    Before anybody outside signs a campaign this must be empty (issue: "second factor before anyone outside signs"), or
    `factor.is_required()` False, as where the tracker is only tried out.
    """
    trusted = sa.or_(Account.role == Role.ADMINISTRATOR, Account.may_see_contacts, Account.may_export)
    return list(
        db.session.scalars(
            sa.select(Account).where(Account.active, Account.tf_totp_secret.is_(None), trusted).order_by(Account.email)
        )
    )


def sign_in(token_hash: str) -> SignIn | None:
    """The sign-in row with this hash, its account beside it."""
    return db.session.scalar(
        sa.select(SignIn).where(SignIn.token_hash == token_hash).options(joinedload(SignIn.account))
    )


def sign_ins_of(account: Account, durations: Durations, *, now: dt.datetime) -> list[SignIn]:
    """Where somebody is signed in at present, last seen first."""
    return list(
        db.session.scalars(
            sa.select(SignIn)
            .where(
                SignIn.account_id == account.id,
                SignIn.last_seen_at >= now - durations.sign_in_idle,
                SignIn.started_at >= now - durations.sign_in_absolute,
            )
            .order_by(SignIn.last_seen_at.desc())
        )
    )


def outworn_sign_ins(durations: Durations, *, now: dt.datetime) -> sa.Delete:
    """The deletion of every row that no longer counts."""
    return sa.delete(SignIn).where(
        sa.or_(SignIn.last_seen_at < now - durations.sign_in_idle, SignIn.started_at < now - durations.sign_in_absolute)
    )


def usable_link(token_hash: str, purpose: LinkPurpose, *, now: dt.datetime) -> OneTimeLink | None:
    """The one-time link with this hash, unless it was used or is too old."""
    return db.session.scalar(
        sa.select(OneTimeLink).where(
            OneTimeLink.token_hash == token_hash,
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
    )


def open_invitations() -> sa.Select[Invitation]:
    """Invitations neither accepted nor revoked, newest first; overdue ones too, since they can be sent again."""
    return (
        sa.select(Invitation)
        .where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
    )


def invitations_to(campaign_id: int) -> sa.Select[Invitation]:
    """Open invitations to one campaign."""
    return open_invitations().where(Invitation.campaign_id == campaign_id)


def usable_invitation(token_hash: str, *, now: dt.datetime) -> Invitation | None:
    """The invitation with this hash, if it can still be accepted."""
    return db.session.scalar(open_invitations().where(Invitation.token_hash == token_hash, Invitation.expires_at > now))


def members(campaign_id: int) -> list[CampaignMember]:
    """Who belongs to a campaign, leads first."""
    rank = sa.case({"lead": 0, "editor": 1}, value=CampaignMember.membership, else_=2)
    return list(
        db.session.scalars(
            sa.select(CampaignMember)
            .join(CampaignMember.account)
            .where(CampaignMember.campaign_id == campaign_id)
            .options(joinedload(CampaignMember.account))
            .order_by(rank, sa.func.lower(Account.name), Account.email)
        )
    )


def member(campaign_id: int, account_id: int) -> CampaignMember | None:
    """One account's part in one campaign."""
    return db.session.scalar(
        sa.select(CampaignMember).where(
            CampaignMember.campaign_id == campaign_id, CampaignMember.account_id == account_id
        )
    )


def access_records(account: Account | None = None) -> sa.Select[AccessRecord]:
    """Who saw or exported contact data, newest first; of one account or of all."""
    found = sa.select(AccessRecord).order_by(AccessRecord.recorded_at.desc(), AccessRecord.id.desc())
    return found if account is None else found.where(AccessRecord.account_id == account.id)


def access_record_by_id(number: int) -> AccessRecord | None:
    """One of them."""
    return db.session.get(AccessRecord, number)


def names_of_readers(records: list[AccessRecord]) -> dict[int, Account]:
    """The accounts behind these records, and of those who emptied a reason, by id."""
    ids = {number for record in records for number in (record.account_id, record.blanked_by_id) if number is not None}
    return {account.id: account for account in db.session.scalars(sa.select(Account).where(Account.id.in_(ids)))}


def invitation_by_public_id(public_id: str) -> Invitation | None:
    """The invitation with this public id."""
    return db.session.scalar(sa.select(Invitation).where(Invitation.public_id == public_id))


def dismissed_hints(account: Account) -> set[str]:
    """The hints that somebody has waved away."""
    return set(db.session.scalars(sa.select(DismissedHint.hint).where(DismissedHint.account_id == account.id)))
