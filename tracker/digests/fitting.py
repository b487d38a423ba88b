"""A digest that mailboxes do not cut: they show the first 100 kB of a mail (look.md). What does not fit is a number and
a link; every campaign it names keeps its most telling line."""

from __future__ import annotations

from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import replace

from tracker.digests.facts import Content, Line, Section
from tracker.mail.render import Message
from tracker.timeline.words import shortened

MOST = 92_000  # bytes of both parts as they are sent; headers, a signature and longer links are the rest
A_LINK = 120  # a receiver's own link is so much longer than its placeholder
LONGEST_ADDRESS = 1_000  # a longer one is left to the history
# How many campaigns, lines a campaign, sources a line, characters a headline.
STEPS = ((40, 5, 3, 400), (25, 4, 2, 300), (20, 3, 1, 240), (12, 2, 1, 200), (6, 1, 1, 140))


def ever_shorter(content: Content) -> Iterator[Content]:
    """The same news in fewer and fewer words, beginning with all of them."""
    for campaigns, lines, sources, characters in STEPS:
        shown = tuple(_shorter(one, lines, sources, characters) for one in content.sections[:campaigns])
        rest = content.sections[campaigns:]
        beyond = replace(
            content.beyond,
            campaigns=content.beyond.campaigns + len(rest),
            changes=content.beyond.changes + sum(one.changes for one in rest),
        )
        yield replace(content, sections=shown, beyond=beyond)


def fits(message: Message) -> bool:
    """Whether a mailbox shows all of it."""
    links = message.text.count("link.invalid") + message.html.count("link.invalid")
    return len(b2a_qp(message.text.encode())) + len(b2a_qp(message.html.encode())) + links * A_LINK <= MOST


def _shorter(section: Section, lines: int, sources: int, characters: int) -> Section:
    return replace(
        section,
        lines=tuple(_line(one, sources, characters) for one in section.lines[:lines]),
        more=section.more + len(section.lines[lines:]),
    )


def _line(line: Line, sources: int, characters: int) -> Line:
    return replace(
        line,
        headline=shortened(line.headline, characters),
        evidence=shortened(line.evidence, characters),
        sources=tuple(
            replace(one, words=shortened(one.words, 120), url=one.url if len(one.url) <= LONGEST_ADDRESS else "")
            for one in line.sources[:sources]
        ),
        more_sources=line.more_sources + len(line.sources[sources:]),
    )
