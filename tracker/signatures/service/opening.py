"""A campaign is opened for signing on its own page, and closed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tracker.accounts import factor
from tracker.accounts import queries as accounts
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Stage, Visibility
from tracker.db import db
from tracker.signatures import queries
from tracker.signatures.service.errors import SignatureError
from tracker.signatures.service.saving import ENDED
from tracker.signatures.service.telling import append
from tracker.signatures.signings import Asked, Signing, SigningState, signing_of, state_of
from tracker.timeline.editing import edit_fields, refuse_stale
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.words import _, gettext, ngettext

REACHABLE = (Visibility.PUBLIC, Visibility.LINK)


@dataclass(frozen=True)
class FormAsks:
    """What the form on a campaign's page asks of signers."""

    office: Asked = Asked.OPTIONAL
    affiliation: Asked = Asked.OPTIONAL
    team: Asked = Asked.HIDDEN
    city: Asked = Asked.HIDDEN
    takes_organisations: bool = False
    offers_updates: bool = True
    closes_on: dt.date | None = None


def set_up_signing(
    campaign: Campaign, asks: FormAsks, *, seen: int | None, actor: Account, now: dt.datetime
) -> Signing:
    """Say what the form asks, and until when. Changes nothing about who signed. Raises Stale, SignatureError."""
    if asks.closes_on is not None and asks.closes_on < day_in(campaign.zone, now):
        raise SignatureError(_("This day is over already."), "closes_on")
    signing = _row(campaign)
    if seen is not None:
        refuse_stale(signing, seen)
    values = {name: getattr(asks, name) for name in FormAsks.__dataclass_fields__}
    edit_fields(signing, values, record_type="signing", actor=actor, now=now, campaign_id=campaign.id)
    return signing


def open_signing(campaign: Campaign, *, actor: Account, now: dt.datetime) -> None:
    """Let outsiders sign on the campaign's page, by link or public. Raises SignatureError when nobody could."""
    if queries.current_text_id(campaign) is None:
        raise SignatureError(_("There is no text yet: people sign a text, so write it first."))
    if factor.is_required() and (lacking := accounts.contact_readers_without_factor()):
        # Not who: whoever opens a campaign need not know who administers the tracker.
        raise SignatureError(
            ngettext(
                "%(num)d account that may administer, see contact data or export has no second factor yet. "
                "An administrator sees under People whose; until then nobody outside signs.",
                "%(num)d accounts that may administer, see contact data or export have no second factor yet. "
                "An administrator sees under People whose; until then nobody outside signs.",
                len(lacking),
            )
        )
    if campaign.visibility not in REACHABLE:
        raise SignatureError(_("Nobody outside can reach its page: make the campaign public, or open it by link."))
    if campaign.stage is Stage.CONCLUDED or campaign.merged_into_id is not None:
        raise SignatureError(_("This campaign is over, so it takes no signatures."))
    if campaign.look_up_ended_at is not None:
        raise SignatureError(ENDED)
    signing = _row(campaign)
    if state_of(signing, campaign, now=now) is SigningState.OPEN:
        return
    if signing.closes_on is not None and signing.closes_on < day_in(campaign.zone, now):
        signing.closes_on = None
    signing.opened_at, signing.closed_at = signing.opened_at or now, None
    _tell(campaign, gettext("Signing was opened on the campaign’s page"), actor, now)


def close_signing(campaign: Campaign, *, actor: Account, now: dt.datetime) -> None:
    """Take no more signatures. What signers can do with their receipts stays."""
    signing = _row(campaign)
    if state_of(signing, campaign, now=now) is not SigningState.OPEN:
        return
    signing.closed_at = now
    _tell(campaign, gettext("Signing was closed"), actor, now)


def _row(campaign: Campaign) -> Signing:
    signing = signing_of(campaign)
    if signing is None:
        signing = Signing(campaign_id=campaign.id)
        db.session.add(signing)
        db.session.flush()
    return signing


def _tell(campaign: Campaign, headline: str, actor: Account, now: dt.datetime) -> None:
    append(
        campaign,
        headline,
        day_in(campaign.zone, now),
        visibility=EntryVisibility.MEMBERS if campaign.is_protected else EntryVisibility.PUBLIC,
        announce=False,
        actor=actor,
        now=now,
    )
