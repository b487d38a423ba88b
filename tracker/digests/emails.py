"""A digest's content in words: the subject, and what its templates need beside the content."""

from __future__ import annotations

import datetime as dt
import re

from flask_babel import force_locale, format_date

from tracker.digests.content import Content, Due, Line, Quiet, Section
from tracker.digests.links import stop_name
from tracker.mail.render import Message, render
from tracker.web.filters import day, due, number, qualified, uncertain
from tracker.words import gettext, ngettext

SUBJECT_FACT = 72  # characters of the first fact; the rest of the subject is short
_SUFFIX = re.compile(
    r",?\s+(inc|incorporated|corp|corporation|company|co|ltd|limited|plc|llc|ag|se|nv|n\.v|s\.a|holdings?)\.?$", re.I
)


class Words:
    """The sentences that the text and the HTML part share, so that they say the same. Plain text; HTML escapes it."""

    def __init__(self, content: Content) -> None:
        self.content = content

    def opening(self) -> str:
        """What this mail is."""
        if self.content.since is None:
            return str(gettext("What changed in the campaigns you follow"))
        day_before = weekday(self.content.since)
        return str(gettext("What changed since %(day)s in the campaigns you follow", day=day_before))

    def due(self, one: Due) -> str:
        """One deadline."""
        return f"{weekday(one.due_on)} ({due(one.due_on, self.content.today)}): {one.what} · {one.campaign}"

    def date(self, line: Line) -> str:
        """When it happened, no more exactly than it is known."""
        return uncertain(line.occurred_on, line.precision)

    def line(self, line: Line) -> str:
        """One entry, marked if it corrects another."""
        words = f"{self.correction()} {line.headline}" if line.correction_reason is not None else line.headline
        return f"{words} ({line.correction_reason})" if line.correction_reason else words

    def correction(self) -> str:
        """The mark of an entry that corrects another."""
        return str(gettext("Correction:"))

    def history(self, section: Section) -> str:
        """That a campaign with a history became visible to the reader."""
        return str(
            ngettext(
                "This campaign is now open to you, with %(num)d entry in its history",
                "This campaign is now open to you, with %(num)d entries in its history",
                section.history,
            )
        )

    def restricted(self, section: Section) -> str:
        """That there are notes whose words are not mailed."""
        return str(
            ngettext("One new note; sign in to read it", "%(num)d new notes; sign in to read them", section.restricted)
        )

    def more(self, section: Section) -> str:
        """How many lines a campaign has beyond those shown."""
        return str(gettext("and %(count)s more, in the history", count=number(section.more)))

    def size(self, section: Section) -> str:
        """How many stand behind a campaign: as reported, and signed here by where the number comes from; "" if none."""
        parts = []
        if size := section.size:
            claim = f"{qualified(size.value, size.qualifier)} {size.population}".strip()
            when = uncertain(size.as_of_on, size.precision)
            parts.append(str(gettext("%(size)s, reported %(when)s", size=claim, when=when)))
        if section.confirmed:
            parts.append(str(gettext("%(count)s confirmed by the signer", count=number(section.confirmed))))
        if section.listed:
            parts.append(str(gettext("%(count)s from a list", count=number(section.listed))))
        return str(gettext("Behind it: %(parts)s", parts="; ".join(parts))) if parts else ""

    def quiet(self, one: Quiet) -> str:
        """One campaign of which nothing was recorded for long."""
        return str(gettext("%(campaign)s: nothing new since %(day)s", campaign=one.title, day=day(one.since)))

    def reason(self) -> str:
        """Why this mail came."""
        return str(
            ngettext(
                "You get this because you follow %(num)d campaign.",
                "You get this because you follow %(num)d campaigns.",
                self.content.followed,
            )
        )

    def next(self) -> str:
        """When the next one comes."""
        return str(gettext("The next one comes on %(day)s, if anything happens.", day=weekday(self.content.next_on)))

    def underlined(self, title: str) -> str:
        """A heading in plain text."""
        return f"{title}\n{'-' * len(title)}"


def weekday(value: dt.date) -> str:
    """A day not far away: "Monday 30 November"."""
    return str(format_date(value, "EEEE d MMMM"))


def digest_message(content: Content) -> Message:
    """The mail that says this."""
    with force_locale(content.locale):
        subject, preheader = subject_of(content), preheader_of(content)
    return render(
        "digest",
        locale=content.locale,
        subject=subject,
        preheader=preheader,
        content=content,
        words=Words(content),
        stop_name=stop_name,
    )


def subject_of(content: Content) -> str:
    """Company and fact first, then how much more there is: "Amazon refuses to answer · 2 more changes, 1 deadline"."""
    deadlines = len(content.own) + len(content.due)
    extra = [str(ngettext("%(num)d deadline", "%(num)d deadlines", deadlines))] if deadlines else []
    if content.neutral_subject:
        return ", ".join([str(ngettext("%(num)d change", "%(num)d changes", content.changes)), *extra])
    more = content.changes - 1
    if more:
        extra.insert(0, str(ngettext("%(num)d more change", "%(num)d more changes", more)))
    first = headline_of(content.sections[0])
    return f"{first} · {', '.join(extra)}" if extra else first


def preheader_of(content: Content) -> str:
    """What a list of mails shows behind the subject: the next facts."""
    if content.neutral_subject:
        return Words(content).opening()
    lines = [line.headline for section in content.sections for line in section.lines][1:4]
    if not lines:
        return Words(content).opening()
    return shorten(" · ".join(lines), 160)


def headline_of(section: Section) -> str:
    """A campaign's most telling fact, with its company in the first words."""
    company = short_name(section.company) or section.title
    if section.lines:
        return with_company(company, section.lines[0])
    if section.restricted:
        words = ngettext(
            "one new note, sign in to read it", "%(num)d new notes, sign in to read them", section.restricted
        )
        return f"{shorten(company, 40)}: {words}"
    return shorten(gettext("%(campaign)s is now open to you", campaign=section.title), SUBJECT_FACT)


def with_company(company: str, line: Line) -> str:
    """The line's headline, beginning with the company unless it names it early itself."""
    headline = line.headline.rstrip(".")
    if line.correction_reason is not None:
        headline = gettext("Correction: %(headline)s", headline=headline)
    name = re.split(r"[\s.,]", company.casefold())[0]  # "Amazon" is how people write of Amazon.com
    if name and name not in headline[:30].casefold():
        headline = f"{shorten(company, 40)}: {headline}"
    return shorten(headline, SUBJECT_FACT)


def short_name(company: str) -> str:
    """A company's name as people say it, without its legal form."""
    previous = None
    while company != previous:
        previous, company = company, _SUFFIX.sub("", company).strip()
    return company


def shorten(text: str, length: int) -> str:
    """Text of at most so many characters, cut between words."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:.·–-") + "…"
