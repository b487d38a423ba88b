"""The facts of one digest, gathered; what they say in words is in `emails.py`.

Two people who would read the same words get equal content, so that they share one stored mail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.merged import standing_for
from tracker.campaigns.models import Campaign, SubjectRole
from tracker.digests.details import details_of
from tracker.digests.facts import Beyond, Content, Due, Gathered, Line, Quiet, Section, Signed
from tracker.digests.models import Subscriber
from tracker.digests.numbers import Numbers
from tracker.digests.queries import campaigns_of
from tracker.digests.selecting import Tellable
from tracker.digests.surroundings import deadlines, quiet_campaigns
from tracker.digests.turns import Turn, turns
from tracker.settings import config
from tracker.timeline.models import EntryKind, TimelineEntry

LINES = 5  # a campaign; the rest is a number and a link
# A mail that holds more is not read; what is beyond is a number and a link as well.
SECTIONS, DEADLINES, QUIET = 40, 20, 12
# What matters most comes first, in the subject and in each campaign; on top what the signers are told.
RANKS = (
    EntryKind.UPDATE,
    EntryKind.OUTCOME, EntryKind.VOTE, EntryKind.COMMITMENT, EntryKind.STATEMENT, EntryKind.DISPOSITION,
    EntryKind.RESOLUTION, EntryKind.STAGE, EntryKind.REPORTED_COUNT, EntryKind.SIGNATURES, EntryKind.ENGAGEMENT,
    EntryKind.CORRECTION, EntryKind.TEXT, EntryKind.CAMPAIGN_OPENED, EntryKind.CAMPAIGN_LOGGED,
    EntryKind.RELATION, EntryKind.NOTE, EntryKind.DEMAND, EntryKind.DEADLINE,
)  # fmt: skip


def gather(subscriber: Subscriber, *, due_at: dt.datetime, now: dt.datetime) -> Gathered | None:
    """What there is to say to a subscriber at a due moment; None when nothing changed. Writes nothing."""
    (turn,) = turns([subscriber], due_at={subscriber.id: due_at}, now=now)
    return gather_for(turn, now=now)


def gather_for(turn: Turn, *, now: dt.datetime) -> Gathered | None:
    """What there is to say to one reader, and to each whose `words` are alike; None when there is nothing."""
    reader, subscriber, told, due_at, last = turn.reader, turn.reader.subscriber, turn.told, turn.due_at, turn.last
    if not told:
        return None
    zone = ZoneInfo(subscriber.zone)
    today = due_at.astimezone(zone).date()
    due = deadlines(reader, today)
    # Merged campaigns are one to whoever may read both.
    standing = standing_for({*reader.since, *(one.campaign_id for one in due)}, reader.account)
    changed = dict.fromkeys(standing[one.campaign.id] for one in told)
    numbers = Numbers.of(reader, turn.moved, standing, changed)
    if all(numbers.hides(one.entry, standing[one.campaign.id]) for one in told) and not numbers.moved:
        return None  # all that is new is how many signed, and too few came to say so: it waits for ten
    shown = campaigns_of({*changed, *numbers.moved, *(standing[one.campaign_id] for one in due)})
    news = {key: _news([one for one in told if standing[one.campaign.id] == key], numbers, key) for key in changed}
    details = details_of([entry for entries in news.values() for entry in entries[:LINES]], reader.account)
    together_with = {one.entry.id for one in told}
    sections = [
        _section(
            shown[key],
            [one for one in told if standing[one.campaign.id] == key],
            [details.line(entry, together_with) for entry in news.get(key, [])[:LINES]],
            len(news.get(key, [])),
            numbers,
        )
        for key in dict.fromkeys((*changed, *sorted(numbers.moved)))
    ]
    sections = sorted((one for one in sections if one.changes), key=lambda one: (_rank(one), one.title, one.campaign))
    if not sections:
        return None
    own = [one for one in due if subscriber.account_id is not None and one.owner_id == subscriber.account_id]
    others = [one for one in due if one not in own and one.due_on >= today]
    quiet = quiet_campaigns(
        reader, [campaign for campaign in reader.since if standing[campaign] not in changed], due_at, now
    )
    content = Content(
        today=today,
        since=last.astimezone(zone).date() if last else None,
        next_on=turn.next_on,
        locale=subscriber.locale,
        own=tuple(_due(one, shown[standing[one.campaign_id]]) for one in own[:DEADLINES]),
        sections=tuple(sections[:SECTIONS]),
        due=tuple(_due(one, shown[standing[one.campaign_id]]) for one in others[:DEADLINES]),
        quiet=tuple(
            Quiet(title=one.title, url=campaign_url(one), since=at.astimezone(zone).date()) for one, at in quiet[:QUIET]
        ),
        followed=len({standing[one] for one in reader.since}),
        neutral_subject=reader.wants_neutral([shown[one] for one in {*changed, *numbers.moved}]),
        beyond=Beyond(
            campaigns=len(sections[SECTIONS:]),
            changes=sum(one.changes for one in sections[SECTIONS:]),
            own=len(own[DEADLINES:]),
            due=len(others[DEADLINES:]),
            quiet=len(quiet[QUIET:]),
        ),
        horizon=config().durations.digest_horizon.days,
        everything_at=f"{config().public_base_url}/" if subscriber.account_id is not None else "",
    )
    told_of = {one.campaign for one in content.sections}
    named = (
        {key: one for key, one in shown.items() if one.public_id in told_of}
        | {
            standing[one.campaign_id]: shown[standing[one.campaign_id]]
            for one in (*own[:DEADLINES], *others[:DEADLINES])
        }
        | {one.id: one for one, _at in quiet[:QUIET]}
    )
    return Gathered(
        content=content,
        entries=tuple(sorted(one.entry.id for one in told)),
        campaigns=tuple(named[key] for key in sorted(named)),
        sized=tuple(numbers.sized),
        deadlines={one.id: one.version for one in (*own[:DEADLINES], *others[:DEADLINES])},
    )


def campaign_url(campaign: Campaign) -> str:
    """A campaign's page."""
    return f"{config().public_base_url}/campaigns/{campaign.slug}"


def company_of(campaign: Campaign) -> str:
    """The name of the company a campaign asks, else asks about, else ""."""
    named = sorted(
        (one for one in campaign.subjects if one.company is not None),
        key=lambda one: (one.role is not SubjectRole.ASKED, one.id),
    )
    return next((one.company.name for one in named if one.company), "")


def _news(told: Iterable[Tellable], numbers: Numbers, campaign_id: int) -> list[TimelineEntry]:
    """The entries that may be lines, the most telling first."""
    news = [
        one.entry
        for one in told
        if not (one.is_history or one.is_confidential or numbers.hides(one.entry, campaign_id))
    ]
    # What is corrected in the same mail is told right, once.
    superseded = {entry.corrects_id for entry in news}
    return sorted(
        (entry for entry in news if entry.id not in superseded),
        key=lambda entry: (RANKS.index(entry.kind), -entry.occurred_on.toordinal(), entry.id),
    )


def _section(
    campaign: Campaign, told: Sequence[Tellable], lines: Sequence[Line], of_lines: int, numbers: Numbers
) -> Section:
    return Section(
        campaign=campaign.public_id,
        title=campaign.title,
        company=company_of(campaign),
        url=campaign_url(campaign),
        lines=tuple(lines),
        more=of_lines - len(lines),
        history=sum(1 for one in told if one.is_history),
        restricted=sum(1 for one in told if one.is_confidential and not one.is_history),
        signed=numbers.signed.get(campaign.id, Signed()),
        size=numbers.sizes.get(campaign.id),
    )


def _rank(section: Section) -> int:
    ranks = [RANKS.index(line.kind) for line in section.lines]
    if not ranks and (section.history or section.restricted):
        return len(RANKS)
    return min(ranks, default=len(RANKS) + 1)


def _due(deadline: Deadline, campaign: Campaign) -> Due:
    return Due(what=deadline.what, due_on=deadline.due_on, campaign=campaign.title, url=campaign_url(campaign))


__all__ = ["Content", "Gathered", "campaign_url", "company_of", "gather"]
