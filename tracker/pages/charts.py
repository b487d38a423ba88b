"""What the charts of pages draw. Each has a table beside it, which is the truth and which the chart reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.campaigns.models import Campaign
from tracker.resolutions.models import Denominator, Vote
from tracker.resolutions.words import DENOMINATORS
from tracker.signatures.growth import Day, for_outsiders, growth_at_a_glance, thinned
from tracker.signatures.models import ReportedCount
from tracker.signatures.queries import Counts
from tracker.timeline.queries import day_in
from tracker.web.filters import day, number, percent, qualified, uncertain
from tracker.words import LazyString, _, gettext

UNITS = {
    "day": _("at the end of each day on which it changed"),
    "week": _("at the end of each week in which it changed"),
    "month": _("at the end of each month in which it changed"),
    "year": _("at the end of each year in which it changed"),
}
# SEC Rule 14a-8(i)(12): under which share FOR of FOR and AGAINST a resolution may be left out, by how often it was
# voted on within five years.
RESUBMISSION = (
    (_("voted on once"), 3, 5),
    (_("voted on twice"), 6, 15),
    (_("voted on three times or more"), 10, 25),
)
NEW_TIERS_ON = dt.date(2022, 1, 1)  # the first meetings that the rule of 2020 applies to


@dataclass(frozen=True)
class Growth:
    """How a campaign grew: signatures here as a line, sizes as reported as points, the goal as a line."""

    days: list[Day]
    unit: LazyString
    sizes: list[ReportedCount]  # earliest first
    goal: int | None
    zone: str
    told_whole: bool  # False: outside the team, in steps of ten or more

    @property
    def is_chart(self) -> bool:
        """Whether there is enough to draw: one point says no more than the headline does."""
        return len(self.days) + len(self.sizes) > 1

    @property
    def summary(self) -> str:
        """The chart in a sentence or two, for those who do not see it."""
        told = []
        if self.days:
            first, last = self.days[0], self.days[-1]
            told.append(
                gettext(
                    "Signed here: %(first)s on %(first_day)s, %(last)s on %(last_day)s.",
                    first=number(first.total),
                    first_day=day(first.on),
                    last=number(last.total),
                    last_day=day(last.on),
                )
            )
            most = max(self.days, key=lambda one: one.total)
            if most.total > last.total:
                told.append(gettext("Most: %(most)s on %(day)s.", most=number(most.total), day=day(most.on)))
        if self.sizes:
            sizes = [
                f"{qualified(size.value, size.qualifier)} {size.population}, "
                f"{uncertain(size.as_of_on, size.as_of_precision)}"
                for size in self.sizes
            ]
            told.append(gettext("Reported: %(sizes)s.", sizes="; ".join(sizes)))
        if self.goal:
            told.append(gettext("Goal: %(goal)s.", goal=number(self.goal)))
        return " ".join(told)


def growth_of(
    campaign: Campaign, counts: Counts, sizes: Sequence[ReportedCount], *, now: dt.datetime, in_the_team: bool
) -> Growth:
    """What this reader may see of a campaign's growth; outside the team nothing from which a small group follows.

    `sizes`: the claims that this reader may see, newest first.
    """
    days = growth_at_a_glance(campaign, counts, now=now, whole_days=not in_the_team) if counts != Counts() else []
    if not in_the_team:
        days = for_outsiders(days, today=day_in(campaign.zone, now))
    kept, unit = thinned(days)
    return Growth(kept, UNITS[unit], list(reversed(sizes)), campaign.goal, campaign.zone, in_the_team)


@dataclass(frozen=True)
class Votes:
    """The votes at a company over the years; each published percentage is a mark of its own denominator."""

    votes: Sequence[Vote]
    words = DENOMINATORS
    tiers = RESUBMISSION

    @property
    def is_chart(self) -> bool:
        """Whether there is more than one mark to compare."""
        return sum(len(vote.percentages) for vote in self.votes) > 1

    @property
    def denominators(self) -> list[Denominator]:
        """Those that occur, in their own order."""
        found = {share.denominator for vote in self.votes for share in vote.percentages}
        return [denominator for denominator in Denominator if denominator in found]

    @property
    def has_new_tiers(self) -> bool:
        """Whether a meeting fell under the rule of 2020."""
        return any(vote.entry.occurred_on >= NEW_TIERS_ON for vote in self.votes)

    @property
    def has_old_tiers(self) -> bool:
        """Whether a meeting fell under the rule before."""
        return any(vote.entry.occurred_on < NEW_TIERS_ON for vote in self.votes)

    @property
    def summary(self) -> str:
        """The range by denominator, for those who do not see the chart."""
        told = []
        for denominator in self.denominators:
            shares = sorted(
                share.value for vote in self.votes for share in vote.percentages if share.denominator is denominator
            )
            told.append(f"{DENOMINATORS[denominator]}: {_span(shares)}")
        return gettext(
            "Shares FOR, %(first)s to %(last)s. %(series)s.",
            first=self.votes[0].entry.occurred_on.year,
            last=self.votes[-1].entry.occurred_on.year,
            series="; ".join(told),
        )


def _span(shares: Iterable[object]) -> str:
    found = list(shares)
    if len(found) == 1:
        return percent(found[0])  # type: ignore[arg-type]
    return gettext("%(low)s to %(high)s", low=percent(found[0]), high=percent(found[-1]))  # type: ignore[arg-type]
