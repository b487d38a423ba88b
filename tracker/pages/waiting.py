"""What waits for somebody's decision. Each source is a function that names its rows; another feature adds one below."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import url_for

from tracker.accounts.models import Account, CampaignMember, Invitation, Membership, Role
from tracker.accounts.queries import open_invitations
from tracker.campaigns.models import Campaign
from tracker.db import Precision, db
from tracker.digests import watching
from tracker.mail.models import Email, EmailState
from tracker.outcomes.models import OPEN, Commitment, Implementation
from tracker.outcomes.queries import commitments, current_grades, current_outcomes
from tracker.pages.queries import LIVE, campaigns_by_id, demands_by_campaign, readable_ids
from tracker.retention.queries import about_to_end, forget_day
from tracker.settings import config
from tracker.signatures.models import SignatoryKind, SignatoryTally, SignatureStatus
from tracker.timeline.models import EntryVisibility, TimelineEntry
from tracker.timeline.queries import day_in, entries_visible_to
from tracker.web.dates import UncertainDate
from tracker.words import LazyString, _, gettext, ngettext

INVITATION_SOON = dt.timedelta(days=2)
FAILED_LATELY = dt.timedelta(days=7)
UNFINISHED = frozenset(Implementation) - {Implementation.FULLY, Implementation.ABANDONED}


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what it is, where one decides, and what is known of when."""

    icon: str
    mark: LazyString | str  # in two or three words
    what: str
    url: str
    campaign: Campaign | None = None
    when: UncertainDate | None = None
    when_words: LazyString | str = ""  # what the date is: "promised for"


@dataclass(frozen=True)
class Asked:
    """Whom it is asked for, and when."""

    account: Account
    now: dt.datetime
    today: dt.date  # in the reader's zone

    @property
    def visible(self) -> sa.ColumnElement[bool]:
        """The entries this reader may see."""
        return entries_visible_to(self.account, today=self.today)


def worked_on(account: Account) -> sa.Select[Any]:
    """The campaigns that somebody leads or edits: what waits there waits for them."""
    return sa.select(CampaignMember.campaign_id).where(
        CampaignMember.account_id == account.id,
        CampaignMember.membership.in_([Membership.LEAD, Membership.EDITOR]),
        CampaignMember.campaign_id.in_(readable_ids(account)),
    )


def promises_overdue(asked: Asked) -> list[Waiting]:
    """What was promised for a day that is over, and is neither kept nor broken as far as is recorded."""
    due = [
        one
        for one in commitments(worked_on(asked.account), asked.visible, due_by=asked.today)
        if _is_over(one, asked.today)
    ]
    if not due:
        return []
    grades = current_grades(due, asked.visible)
    campaigns = campaigns_by_id({one.campaign_id for one in due})
    return [
        Waiting(
            "bookmark-check",
            _("promise overdue"),
            one.words,
            url_for("outcomes.new_grade", slug=campaigns[one.campaign_id].slug, public_id=one.public_id),
            campaigns[one.campaign_id],
            UncertainDate(one.due_on, one.due_precision),
            _("promised for"),
        )
        for one in due
        if one.due_on and one.due_precision and (one.id not in grades or grades[one.id].implementation in UNFINISHED)
    ]


def _is_over(commitment: Commitment, today: dt.date) -> bool:
    due = commitment.due_on
    if due is None:
        return False
    match commitment.due_precision:
        case Precision.YEAR:
            due = due.replace(month=12, day=31)
        case Precision.MONTH:
            due = due.replace(day=calendar.monthrange(due.year, due.month)[1])
        case _:
            pass
    return due < today


def entries_about_to_open(asked: Asked) -> list[Waiting]:
    """What others will be able to read within two weeks: until then it can still be changed."""
    found = db.session.scalars(
        sa.select(TimelineEntry)
        .where(
            TimelineEntry.campaign_id.in_(worked_on(asked.account)),
            TimelineEntry.public_from > asked.today,
            TimelineEntry.public_from <= asked.today + config().durations.due_soon,
            TimelineEntry.visibility.in_([EntryVisibility.PUBLIC, EntryVisibility.SIGNED_IN]),
            TimelineEntry.redacted_at.is_(None),
            asked.visible,
        )
        .order_by(TimelineEntry.public_from, TimelineEntry.id)
        .limit(20)
    ).all()
    campaigns = campaigns_by_id({entry.campaign_id for entry in found})
    return [
        Waiting(
            "eye",
            _("opens soon"),
            entry.headline,
            url_for("timeline.show", slug=campaigns[entry.campaign_id].slug, public_id=entry.public_id),
            campaigns[entry.campaign_id],
            UncertainDate(entry.public_from, Precision.DAY) if entry.public_from else None,
            _("others read it from"),
        )
        for entry in found
    ]


def nothing_open_any_more(asked: Asked) -> list[Waiting]:
    """Live campaigns in which everything that was asked is decided: conclude, or ask for more."""
    live = db.session.scalars(
        sa.select(Campaign)
        .where(Campaign.id.in_(worked_on(asked.account)), Campaign.stage.in_(LIVE))
        .order_by(Campaign.id)
    ).all()
    if not live:
        return []
    ids = [campaign.id for campaign in live]
    demands, outcomes = demands_by_campaign(ids), current_outcomes(ids, asked.visible)
    return [
        Waiting(
            "flag",
            _("all decided"),
            gettext("Everything that was asked is decided. Conclude it, or ask for more."),
            url_for("pages.conclude", slug=campaign.slug),
            campaign,
        )
        for campaign in live
        if demands[campaign.id]
        and all(one.id in outcomes and outcomes[one.id].status not in OPEN for one in demands[campaign.id])
    ]


def people_about_to_be_forgotten(asked: Asked) -> list[Waiting]:
    """Campaigns that nobody concluded and whose people will be forgotten soon: conclude them, or choose another day."""
    soon = asked.today + config().durations.ending_noted
    return [
        Waiting(
            "hourglass-split",
            _("ends by itself"),
            gettext("Contact data and hidden names will be destroyed. Conclude the campaign, or choose another day."),
            url_for("retention.show", slug=campaign.slug),
            campaign,
            UncertainDate(day, Precision.DAY),
            _("destroyed on"),
        )
        for campaign in about_to_end(worked_on(asked.account), soon)
        if (day := forget_day(campaign, day_in(campaign.zone, asked.now))) is not None
    ]


def organisations_to_confirm(asked: Asked) -> list[Waiting]:
    """Organisations that signed on a campaign's page and count once somebody of the team says that they did."""
    rows = db.session.execute(
        sa.select(SignatoryTally.campaign_id, sa.func.sum(SignatoryTally.number))
        .where(
            SignatoryTally.campaign_id.in_(worked_on(asked.account)),
            SignatoryTally.kind == SignatoryKind.ORGANISATION,
            SignatoryTally.stands_as == SignatureStatus.PENDING,
        )
        .group_by(SignatoryTally.campaign_id)
    ).all()
    numbers = {campaign_id: int(number) for campaign_id, number in rows if number}
    campaigns = campaigns_by_id(numbers) if numbers else {}
    return [
        Waiting(
            "building",
            _("to confirm"),
            ngettext(
                "%(num)d organisation signed and waits for you",
                "%(num)d organisations signed and wait for you",
                numbers[campaign_id],
            ),
            url_for("signatures.index", slug=campaign.slug, status=SignatureStatus.PENDING.value),
            campaign,
        )
        for campaign_id, campaign in campaigns.items()
    ]


def unsure_mails(asked: Asked) -> list[Waiting]:
    """For administrators: mails of which nobody knows whether they arrived, and those that lately did not."""
    if asked.account.role is not Role.ADMINISTRATOR:
        return []
    lately = sa.and_(Email.state == EmailState.FAILED, Email.settled_at > asked.now - FAILED_LATELY)
    rows = db.session.execute(
        sa.select(Email.state, sa.func.count())
        .where(sa.or_(Email.state == EmailState.UNKNOWN, lately))
        .group_by(Email.state)
    )
    numbers = dict(rows.all())
    # A list of all mails is there only where they lie in a folder.
    where = url_for("mail.index" if config().mail.is_folder else "desk.index")
    found = []
    if unknown := numbers.get(EmailState.UNKNOWN):
        words = ngettext("%(num)d mail was perhaps delivered", "%(num)d mails were perhaps delivered", unknown)
        found.append(Waiting("question-circle", _("not known"), words, where))
    if failed := numbers.get(EmailState.FAILED):
        words = ngettext("%(num)d mail failed this week", "%(num)d mails failed this week", failed)
        found.append(Waiting("x-circle", _("not delivered"), words, where))
    return found


def late_mails(asked: Asked) -> list[Waiting]:
    """For administrators: mails and digests that are late, silent parts, and that all sending rests."""
    if asked.account.role is not Role.ADMINISTRATOR:
        return []
    found = watching.concerns(watching.standing(asked.now), never_ran=False)
    return [Waiting("exclamation-triangle", _("sending"), one.words, url_for("desk.index")) for one in found]


def invitations_about_to_lapse(asked: Asked) -> list[Waiting]:
    """For administrators: invitations that nobody has accepted and that end within two days."""
    if asked.account.role is not Role.ADMINISTRATOR:
        return []
    soon = open_invitations().where(
        Invitation.expires_at > asked.now, Invitation.expires_at <= asked.now + INVITATION_SOON
    )
    return [
        Waiting(
            "envelope-paper",
            _("lapses soon"),
            gettext("%(who)s has not accepted the invitation", who=one.name or one.email),
            url_for("accounts.people"),
            None,
            UncertainDate(one.expires_at.date(), Precision.DAY),
            _("ends on"),
        )
        for one in db.session.scalars(soon.order_by(None).order_by(Invitation.expires_at))
    ]


# In the order in which they stand on the page.
SOURCES: tuple[Callable[[Asked], list[Waiting]], ...] = (
    promises_overdue,
    entries_about_to_open,
    nothing_open_any_more,
    organisations_to_confirm,
    people_about_to_be_forgotten,
    late_mails,
    unsure_mails,
    invitations_about_to_lapse,
)


def waiting_for(account: Account, *, now: dt.datetime, today: dt.date) -> list[Waiting]:
    """Everything that waits for this account's decision."""
    asked = Asked(account, now, today)
    return [one for source in SOURCES for one in source(asked)]
