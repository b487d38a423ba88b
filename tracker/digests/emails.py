"""A digest's content in words: the subject, the preheader, and the mail as a whole. `sentences.py` has the rest."""

from __future__ import annotations

import re

from flask_babel import force_locale

from tracker.digests.facts import Content, Line, Section
from tracker.digests.fitting import ever_shorter, fits
from tracker.digests.links import stop_name
from tracker.digests.sentences import Words, weekday
from tracker.mail.render import Message, render
from tracker.resolutions.models import Denominator
from tracker.resolutions.service.votes import percentage_words
from tracker.web.filters import qualified
from tracker.words import gettext, ngettext

SUBJECT = 78  # characters; mailboxes show no more
COMPANY = 22  # of them at most for who it is about, so that the fact begins within the first forty
PREHEADER = 160
_SUFFIX = re.compile(
    r",?\s+(inc|incorporated|corp|corporation|company|co|ltd|limited|plc|llc|ag|se|nv|n\.v|s\.a|holdings?)\.?$", re.I
)


def digest_message(content: Content) -> Message:
    """The mail that says this, as much of it as a mailbox shows."""
    with force_locale(content.locale):
        subject, preheader = subject_of(content), preheader_of(content)
    for shorter in ever_shorter(content):
        message = render(
            "digest",
            locale=content.locale,
            subject=subject,
            preheader=preheader,
            content=shorter,
            words=Words(shorter),
            stop_name=stop_name,
        )
        if fits(message):
            break
    return message


def subject_of(content: Content) -> str:
    """Company and fact first, then how much more there is: "Amazon refuses to answer · 2 more changes, 1 deadline"."""
    deadlines = content.deadlines
    extra = [ngettext("%(num)d deadline", "%(num)d deadlines", deadlines)] if deadlines else []
    if content.neutral_subject:
        return ", ".join([ngettext("%(num)d change", "%(num)d changes", content.changes), *extra])
    if more := content.changes - 1:
        extra.insert(0, ngettext("%(num)d more change", "%(num)d more changes", more))
    rest = f" · {', '.join(extra)}" if extra else ""
    return headline_of(content.sections[0], SUBJECT - len(rest)) + rest


def preheader_of(content: Content) -> str:
    """What a list of mails shows behind the subject, and continues it: the next facts, then what is due."""
    words = Words(content)
    if content.neutral_subject:
        return words.opening()
    first, *others = content.sections
    said = [line.headline.rstrip(".") for line in first.lines[1:3]]
    said += [headline_of(section, PREHEADER) for section in others[:2]]
    said += [
        gettext("%(what)s is due on %(day)s", what=one.what, day=weekday(one.due_on))
        for one in (*content.own, *content.due)[:1]
    ]
    if not said:
        said = [*(words.details(first.lines[0]) if first.lines else []), *words.numbers(first)]
    return shorten(" · ".join(said), PREHEADER) if said else words.opening()


def headline_of(section: Section, room: int) -> str:
    """A campaign's most telling fact in so many characters, with its company in the first words."""
    company = short_name(section.company) or section.title
    if section.lines:
        return with_company(company, fact_of(section.lines[0]), room)
    if section.history:
        return shorten(gettext("%(campaign)s is now open to you", campaign=section.title), room)
    if section.restricted:
        return with_company(
            company,
            ngettext("one new note, sign in to read it", "%(num)d new notes, sign in to read them", section.restricted),
            room,
        )
    qualifier = "exactly" if section.signed.is_exact else "at_least"
    if section.signed.joined:
        count = qualified(section.signed.joined, qualifier)
        return with_company(company, gettext("%(count)s more signed", count=count), room)
    count = qualified(section.signed.left, qualifier)
    return with_company(company, gettext("%(count)s signatures count no longer", count=count), room)


def fact_of(line: Line) -> str:
    """An entry in the fewest words. Of a vote its headline begins with a long title; here the result comes first."""
    fact = line.headline.rstrip(".")
    if line.tally and line.tally.share:
        share = line.tally.share
        voted = percentage_words(share.value, Denominator(share.denominator), "")
        resolution = line.tally.resolution.rstrip(".")
        fact = gettext("%(voted)s, on “%(resolution)s”", voted=voted, resolution=resolution) if resolution else voted
    if line.fell_from:
        fact = gettext("fewer than before: %(fact)s", fact=fact[:1].lower() + fact[1:])
    if line.correction_reason is not None:
        fact = gettext("Correction: %(headline)s", headline=fact)
    return fact


def with_company(company: str, fact: str, room: int) -> str:
    """A fact beginning with the company unless it names it early itself."""
    name = re.split(r"[\s.,]", company.casefold().removeprefix("the "))[0]  # people write "Amazon" of Amazon.com
    if name and name not in fact[:30].casefold():
        fact = f"{shorten(company, COMPANY)}: {fact}"
    return shorten(fact, room)


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
