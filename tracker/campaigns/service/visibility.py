"""Who may find and read a campaign."""

from __future__ import annotations

import datetime as dt
import secrets
from zoneinfo import ZoneInfo

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.service.errors import CampaignError
from tracker.timeline.editing import edit_fields
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.service import append_entry, expose_entries, record_revision
from tracker.words import _

ORDER = tuple(Visibility)


def change_visibility(
    campaign: Campaign, to: Visibility, *, seen: Visibility, actor: Account, now: dt.datetime
) -> None:
    """Show a campaign to more people or to fewer. Widening is told in the history; narrowing leaves only a Revision.

    `seen` is what the reader saw. Raises CampaignError when it is something else by now, or already so.
    """
    was = campaign.visibility
    if seen is not was:
        raise CampaignError(_("Somebody else changed this meanwhile; look again."), "visibility")
    if to is was:
        raise CampaignError(_("It is visible to them already."), "visibility")
    edit_fields(campaign, {"visibility": to}, record_type="campaign", actor=actor, now=now, campaign_id=campaign.id)
    campaign.changed_at = now
    if ORDER.index(to) < ORDER.index(was):
        return
    campaign.opened_at = now
    append_entry(
        campaign_id=campaign.id,
        kind=EntryKind.CAMPAIGN_OPENED,
        headline=_opened(to),
        occurred_on=now.astimezone(ZoneInfo(campaign.zone)).date(),
        now=now,
        actor=actor,
        visibility=EntryVisibility.PUBLIC,
    )
    expose_entries(campaign.id, now)


def _opened(to: Visibility) -> str:
    words = {
        Visibility.LINK: _("The campaign can be read by everybody who has its link."),
        Visibility.SIGNED_IN: _("The campaign can be read by everyone signed in."),
        Visibility.PUBLIC: _("The campaign was made public."),
    }
    return str(words[to])


def renew_link(campaign: Campaign, *, actor: Account, now: dt.datetime) -> None:
    """Give the campaign a new unguessable address; the old one leads nowhere. The tokens are written down nowhere."""
    campaign.link_token = secrets.token_urlsafe(16)
    record_revision(
        record_type="campaign",
        record_id=campaign.id,
        field="link_token",
        old_value=None,
        new_value=None,
        actor=actor,
        now=now,
        campaign_id=campaign.id,
        is_sealed=True,
    )
