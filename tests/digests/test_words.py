"""The mail itself: snapshots of subject, text and HTML, and what a subject says first.

`SNAPSHOTS=write` in the environment writes them anew; look at the difference before committing it.
"""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.support.snapshots import SITE, compare_mail
from tracker.db import Precision
from tracker.digests.content import Citation, Content, Due, Line, Quiet, Section, Size
from tracker.digests.emails import digest_message, short_name, shorten, subject_of
from tracker.digests.links import stop_name
from tracker.timeline.models import EntryKind

SNAPSHOTS = Path(__file__).parent / "snapshots"
DAY = dt.date(2026, 11, 23)


def line(headline: str, kind: EntryKind = EntryKind.STATEMENT, **columns: object) -> Line:
    return Line(
        **{
            "kind": kind,
            "headline": headline,
            "occurred_on": dt.date(2018, 6, 21),
            "precision": Precision.DAY,
            "correction_reason": None,
            "sources": (),
            **columns,
        }  # type: ignore[arg-type]
    )


def section(**columns: object) -> Section:
    return Section(
        **{
            "campaign": "campaign-0000001",
            "title": "We won’t build it",
            "company": "Amazon.com, Inc.",
            "url": f"{SITE}/campaigns/we-wont-build-it",
            "lines": (line("Amazon refuses to answer"),),
            "more": 0,
            "history": 0,
            "restricted": 0,
            "confirmed": 0,
            "listed": 0,
            "size": None,
            **columns,
        }  # type: ignore[arg-type]
    )


PLAIN = Content(
    today=DAY,
    since=None,
    next_on=DAY + dt.timedelta(days=7),
    locale="en",
    own=(),
    sections=(section(),),
    due=(),
    quiet=(),
    followed=1,
    neutral_subject=False,
)
FULL = replace(
    PLAIN,
    since=DAY - dt.timedelta(days=7),
    followed=4,
    own=(
        Due(
            "File the resolution", dt.date(2026, 12, 4), "Rekognition & its customers", f"{SITE}/campaigns/rekognition"
        ),
    ),
    sections=(
        section(
            lines=(
                line(
                    "Amazon refuses to answer the employees’ letter",
                    sources=(
                        Citation("The Guardian", "https://example.org/guardian?a=1&b=2"),
                        Citation("A letter kept by the organisers", ""),
                    ),
                ),
                line(
                    "About 450 employees had signed by October 2018",
                    EntryKind.REPORTED_COUNT,
                    occurred_on=dt.date(2018, 10, 1),
                    precision=Precision.MONTH,
                    correction_reason="the first figure was misread",
                ),
            ),
            more=3,
            restricted=1,
            confirmed=12,
            listed=500,
            size=Size(450, "more_than", "employees", dt.date(2018, 10, 1), Precision.MONTH),
        ),
        section(
            campaign="campaign-0000002",
            title="Rekognition <& its customers>",
            url=f"{SITE}/campaigns/rekognition",
            lines=(line("27.5 % voted for the resolution, of votes for and against", EntryKind.VOTE),),
        ),
        section(
            campaign="campaign-0000003",
            title="An open letter",
            company="",
            url=f"{SITE}/campaigns/open-letter",
            lines=(),
            history=14,
        ),
    ),
    due=(Due("Annual meeting", dt.date(2026, 12, 20), "An open letter", f"{SITE}/campaigns/open-letter"),),
    quiet=(Quiet("Palantir contracts", f"{SITE}/campaigns/palantir", dt.date(2026, 8, 2)),),
)
RESTRICTED = replace(PLAIN, sections=(section(lines=(), restricted=2),))


@pytest.mark.parametrize(
    ("name", "content"),
    [("one", PLAIN), ("full", FULL), ("restricted", RESTRICTED), ("neutral", replace(FULL, neutral_subject=True))],
)
def test_snapshot(app: Flask, name: str, content: Content) -> None:
    """The words of a digest are these."""
    links = {"manage": f"{SITE}/u/m/manage", "unsubscribe": f"{SITE}/u/t"}
    links |= {stop_name(one.campaign): f"{SITE}/u/s/stop/{one.campaign}" for one in content.sections}
    with app.app_context():
        message = digest_message(content).filled(links)
    compare_mail(app, SNAPSHOTS, name, subject=message.subject, text=message.text, html=message.html)


def test_text_and_html_say_the_same(app: Flask) -> None:
    """Every fact of the HTML part stands in the text part."""
    with app.app_context():
        message = digest_message(FULL)
    from bs4 import BeautifulSoup

    html = BeautifulSoup(message.html, "html5lib")
    text = " ".join(message.text.split())
    for item in html.select("li"):
        for part in item.stripped_strings:
            words = " ".join(part.split()).strip("·: ")
            assert words in text, words


def test_under_the_size_that_mailboxes_cut(app: Flask) -> None:
    """A digest of forty campaigns stays under 100 kB."""
    many = tuple(
        replace(FULL.sections[0], campaign=f"campaign-{number:07}", lines=FULL.sections[0].lines * 2)
        for number in range(40)
    )
    with app.app_context():
        assert len(digest_message(replace(FULL, sections=many)).html.encode()) < 100_000


@pytest.mark.parametrize(
    ("content", "subject"),
    [
        (PLAIN, "Amazon refuses to answer"),
        (replace(PLAIN, due=FULL.due), "Amazon refuses to answer · 1 deadline"),
        (
            replace(PLAIN, sections=(section(more=2),), due=FULL.due),
            "Amazon refuses to answer · 2 more changes, 1 deadline",
        ),
        (
            replace(PLAIN, sections=(section(lines=(line("27.5 % voted for it", EntryKind.VOTE),)),)),
            "Amazon.com: 27.5 % voted for it",
        ),
        (
            replace(PLAIN, sections=(section(company="", lines=(line("Delivered."),)),)),
            "We won’t build it: Delivered",
        ),
        (replace(PLAIN, neutral_subject=True), "1 change"),
    ],
)
def test_subjects(app: Flask, content: Content, subject: str) -> None:
    """Company and fact come first; how much more there is comes last; a neutral one only counts."""
    with app.app_context():
        assert subject_of(content) == subject


def test_the_fact_begins_in_the_first_forty_characters(app: Flask) -> None:
    """However long names and sentences are."""
    long = section(
        company="The Very Long Name of an International Holding Company of Many Things, Incorporated",
        lines=(line("In a long statement its spokesman said that it would not stop selling it to anybody at all"),),
    )
    with app.app_context():
        subject = subject_of(replace(PLAIN, sections=(long,)))
    assert subject.startswith("The Very Long Name of an International… In"[:38])
    assert len(subject) <= 72


def test_names_without_their_legal_form() -> None:
    """As people say them."""
    assert short_name("Amazon.com, Inc.") == "Amazon.com"
    assert short_name("Alphabet Inc. ") == "Alphabet"
    assert short_name("Exxon Mobil Corporation") == "Exxon Mobil"
    assert short_name("Inc.") == "Inc."
    assert shorten("one two three", 9) == "one two…"
