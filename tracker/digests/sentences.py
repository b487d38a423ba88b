"""The sentences that the text and the HTML part of a digest share, so that they say the same."""

from __future__ import annotations

import datetime as dt

from flask_babel import format_date

from tracker.digests.facts import Content, Due, Line, Quiet, Section, Size, Tally
from tracker.outcomes.models import Attribution
from tracker.outcomes.words import CLAIMS
from tracker.settings import config
from tracker.web.filters import day, due, number, qualified, uncertain
from tracker.words import gettext, ngettext


class Words:
    """Of one digest. Plain text; HTML escapes it."""

    def __init__(self, content: Content) -> None:
        self.content = content

    def opening(self) -> str:
        """What this mail is."""
        if self.content.since is None:
            return gettext("What changed in the campaigns you follow")
        return gettext("What changed since %(day)s in the campaigns you follow", day=weekday(self.content.since))

    def due(self, one: Due) -> str:
        """One deadline."""
        return f"{weekday(one.due_on)} ({due(one.due_on, self.content.today)}): {one.what} · {one.campaign}"

    def due_title(self) -> str:
        """How far ahead it looks."""
        return ngettext("Due in the next %(num)d day", "Due in the next %(num)d days", self.content.horizon)

    def date(self, line: Line) -> str:
        """When it happened, no more exactly than it is known."""
        return uncertain(line.occurred_on, line.precision)

    def line(self, line: Line) -> str:
        """One entry, marked if it corrects another."""
        words = f"{self.correction()} {line.headline}" if line.correction_reason is not None else line.headline
        return f"{words} ({line.correction_reason})" if line.correction_reason else words

    def correction(self) -> str:
        """The mark of an entry that corrects another."""
        return gettext("Correction:")

    def details(self, line: Line) -> list[str]:
        """What stands below an entry: a sentence each."""
        told = []
        if line.before:
            told.append(gettext("Before, it said: “%(words)s”", words=line.before.rstrip(".")))
        if line.fell_from:
            told.append(gettext("Fewer than reported before: %(size)s", size=claim_of(line.fell_from)))
        if line.tally and (shares := shares_of(line.tally)):
            told.append(gettext("Shares: %(shares)s", shares=", ".join(shares)))
        if line.evidence:
            told.append(gettext("Evidence: %(words)s", words=line.evidence))
        if line.attribution and (claim := CLAIMS.get(Attribution(line.attribution))):
            told.append(str(claim))
        if line.files:
            told.append(ngettext("With %(num)d file", "With %(num)d files", line.files))
        return told

    def more_sources(self, line: Line) -> str:
        """How many sources an entry has beyond those shown."""
        return ngettext("and %(num)d more source", "and %(num)d more sources", line.more_sources)

    def history(self, section: Section) -> str:
        """That a campaign with a history became visible to the reader."""
        return ngettext(
            "This campaign is now open to you, with %(num)d entry in its history",
            "This campaign is now open to you, with %(num)d entries in its history",
            section.history,
        )

    def restricted(self, section: Section) -> str:
        """That there are notes whose words are not mailed."""
        return ngettext(
            "One new note; sign in to read it", "%(num)d new notes; sign in to read them", section.restricted
        )

    def more(self, section: Section) -> str:
        """How many lines a campaign has beyond those shown."""
        if not section.lines:
            return gettext("%(count)s changes, in the history", count=number(section.more))
        return gettext("and %(count)s more, in the history", count=number(section.more))

    def numbers(self, section: Section) -> list[str]:
        """How many stand behind a campaign: as reported, and signed here by where the number comes from."""
        told = []
        if size := section.size:
            claim = claim_of(size)
            if size.reported_by:
                told.append(gettext("Reported by %(whom)s: %(size)s", whom=size.reported_by, size=claim))
            else:
                told.append(gettext("Reported: %(size)s", size=claim))
        if signed := self._signed(section):
            told.append(signed)
        return told

    def _signed(self, section: Section) -> str:
        signed = section.signed
        parts = []
        if signed.confirmed:
            parts.append(gettext("%(count)s confirmed by the signer", count=self._count(section, signed.confirmed)))
        if signed.listed:
            parts.append(gettext("%(count)s from a list", count=self._count(section, signed.listed)))
        if not parts and not (signed.joined or signed.left):
            return ""
        told = [gettext("Signed here: %(parts)s.", parts=", ".join(parts))] if parts else []
        if signed.joined:
            count = self._count(section, signed.joined)
            if self.content.since is None:
                told.append(gettext("New since you follow it: %(count)s.", count=count))
            else:
                told.append(gettext("New since your last digest: %(count)s.", count=count))
        if signed.left:
            told.append(gettext("No longer counted: %(count)s.", count=self._count(section, signed.left)))
        return " ".join(told)

    def _count(self, section: Section, count: int) -> str:
        return qualified(count, "exactly" if section.signed.is_exact else "at_least")

    def quiet(self, one: Quiet) -> str:
        """One campaign of which nothing was recorded for long."""
        return gettext("%(campaign)s: nothing new since %(day)s", campaign=one.title, day=day(one.since))

    def more_of(self, count: int) -> str:
        """How many of a kind there are beyond those shown."""
        return gettext("and %(count)s more", count=number(count))

    def beyond(self) -> str:
        """How much changed in campaigns for which the mail has no room."""
        beyond = self.content.beyond
        campaigns = ngettext("%(num)d more campaign", "%(num)d more campaigns", beyond.campaigns)
        changes = ngettext("%(num)d change", "%(num)d changes", beyond.changes)
        return gettext("%(changes)s in %(campaigns)s", changes=changes, campaigns=campaigns)

    def page(self, url: str) -> str:
        """Where the reader reads a campaign: without an account, on its public page."""
        return url if self.content.everything_at else f"{config().public_base_url}/c/{url.rpartition('/')[2]}"

    def history_page(self, section: Section) -> str:
        """Where the reader reads all of its history."""
        return f"{section.url}/history" if self.content.everything_at else self.page(section.url)

    def reason(self) -> str:
        """Why this mail came."""
        return ngettext(
            "You get this because you follow %(num)d campaign.",
            "You get this because you follow %(num)d campaigns.",
            self.content.followed,
        )

    def next(self) -> str:
        """When the next one comes."""
        return gettext("The next one comes on %(day)s, if anything happens.", day=weekday(self.content.next_on))

    def underlined(self, title: str) -> str:
        """A heading in plain text."""
        return f"{title}\n{'-' * min(len(title), 72)}"


def weekday(value: dt.date) -> str:
    """A day not far away: "Monday 30 November"."""
    return str(format_date(value, "EEEE d MMMM"))


def claim_of(size: Size) -> str:
    """A size as it was claimed: "about 500 employees, July 2019"."""
    claim = f"{qualified(size.value, size.qualifier)} {size.population}".strip()
    return f"{claim}, {uncertain(size.as_of_on, size.precision)}"


def shares_of(tally: Tally) -> list[str]:
    """The raw counts of a vote that are known: "120,000,000 for"."""
    counts = (
        (tally.for_shares, gettext("%(count)s for", count=number(tally.for_shares))),
        (tally.against_shares, gettext("%(count)s against", count=number(tally.against_shares))),
        (tally.abstained_shares, gettext("%(count)s abstained", count=number(tally.abstained_shares))),
        (tally.broker_non_votes, gettext("%(count)s broker non-votes", count=number(tally.broker_non_votes))),
    )
    return [words for count, words in counts if count is not None]
