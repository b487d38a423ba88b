"""When anybody but the author could first see an entry."""

import datetime as dt

import pytest

from tests.support.accounts import make_member
from tests.support.happenings import Team
from tracker.accounts.models import Membership
from tracker.campaigns.models import Visibility
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.service import expose_entries, may_change

FAR = dt.date(2999, 1, 1)


@pytest.mark.each_database
def test_what_others_see_at_once_is_exposed_at_once(team: Team) -> None:
    """In a campaign with other members every entry is exposed as it is recorded, unless it is off the record."""
    with team.act() as now:
        for visibility in To:
            entry = team.note("Something.", visibility=visibility, now=now)
            assert (entry.exposed_at == now) is (visibility is not To.OFF_THE_RECORD), visibility


@pytest.mark.parametrize(
    ("campaign", "entry", "public_from", "exposed"),
    [
        (Visibility.PUBLIC, To.PUBLIC, None, True),
        (Visibility.PUBLIC, To.PUBLIC, FAR, False),
        (Visibility.PUBLIC, To.SIGNED_IN, None, False),
        (Visibility.LINK, To.PUBLIC, None, False),
        (Visibility.SIGNED_IN, To.PUBLIC, None, False),
        (Visibility.MEMBERS, To.PUBLIC, None, False),
    ],
)
def test_alone_only_the_public_sees(
    team: Team, campaign: Visibility, entry: To, public_from: dt.date | None, exposed: bool
) -> None:
    """With nobody else in the instance an entry is exposed only when it is on the public page, from its day on."""
    team.alone()
    with team.act() as now:
        team.campaign.visibility = campaign
        noted = team.note("Something.", visibility=entry, public_from=public_from, now=now)
        assert (noted.exposed_at is not None) is exposed
        assert may_change(noted, team.account("editor"), now=now) is not exposed


@pytest.mark.parametrize("campaign_visibility", [Visibility.MEMBERS])
def test_off_the_record_is_exposed_by_its_named_readers(team: Team) -> None:
    """Members and administrators do not expose something off the record; a named reader does."""
    with team.act():
        assert team.note("Mine.", visibility=To.OFF_THE_RECORD).exposed_at is None
        assert team.note("Ours.", visibility=To.OFF_THE_RECORD, readers=("viewer",)).exposed_at is not None


@pytest.mark.parametrize("campaign_visibility", [Visibility.MEMBERS])
def test_opening_a_campaign_exposes_what_was_hidden(team: Team) -> None:
    """When a campaign opens, its entries are exposed from then on; what is off the record is not."""
    team.alone()
    with team.act():
        hidden = [team.note("One.").id, team.note("Two.").id]
        team.note("Secret.", visibility=To.OFF_THE_RECORD)
        assert team.entry("One.").exposed_at is None
    with team.act() as now:
        team.campaign.visibility = Visibility.PUBLIC
        assert expose_entries(team.campaign_id, now) == len(hidden)
        assert team.entry("One.").exposed_at == now
        assert team.entry("Secret.").exposed_at is None


@pytest.mark.parametrize("campaign_visibility", [Visibility.MEMBERS])
def test_somebody_who_joined_is_noticed_without_being_told(team: Team) -> None:
    """A change asks again who could see the entry now, also where nobody called expose_entries."""
    team.alone()
    with team.act() as now:
        assert may_change(team.note("One."), team.account("editor"), now=now)
    with team.act():
        team.account("organiser").active = True
    make_member(team.app, team.campaign_id, team.ids["organiser"], Membership.READER)
    with team.act() as now:
        assert not may_change(team.entry("One."), team.account("editor"), now=now)
