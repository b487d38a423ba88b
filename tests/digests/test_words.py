"""The mail itself: snapshots of subject, text and HTML, and what a subject says first.

`SNAPSHOTS=write` in the environment writes them anew; look at the difference before committing it.
"""

import datetime as dt
import re
from binascii import b2a_qp
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.digests.contents import FULL, PLAIN, RESTRICTED, huge, line, section
from tests.support.every_mail import arrived
from tests.support.snapshots import SITE, compare_mail
from tracker.db import db
from tracker.digests.emails import digest_message, preheader_of, short_name, shorten, subject_of
from tracker.digests.facts import Beyond, Content, Signed
from tracker.digests.links import stop_name
from tracker.mail import outbox
from tracker.mail.letter import letter
from tracker.mail.models import Email, EmailKind
from tracker.timeline.models import EntryKind

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("one", PLAIN),
        ("full", FULL),
        ("restricted", RESTRICTED),
        ("neutral", replace(FULL, neutral_subject=True)),
        ("outsider", replace(FULL, own=(), everything_at="", beyond=Beyond(campaigns=2, changes=5, due=3, quiet=1))),
    ],
)
def test_snapshot(app: Flask, name: str, content: Content) -> None:
    """The words of a digest are these."""
    links = {"manage": f"{SITE}/u/m/manage", "unsubscribe": f"{SITE}/u/t"}
    links |= {stop_name(one.campaign): f"{SITE}/u/s/stop/{one.campaign}" for one in content.sections}
    with app.app_context():
        message = digest_message(content).filled(links)
        put = outbox.put(
            digest_message(content),
            to="reader@example.org",
            kind=EmailKind.DIGEST,
            now=dt.datetime(2026, 11, 23, 7, tzinfo=dt.UTC),
            links=links,
        )
        made = letter(db.session.get_one(Email, put.id))
        db.session.rollback()
    assert made is not None
    assert arrived(made.data).subject == message.subject
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
    """However much there is, the mail is under 100 kB as it is sent, and says how many more there are and where."""
    content = huge()
    with app.app_context():
        message = digest_message(content)
        links = {name: f"{SITE}/u/{'t' * 48}/{name}" for name in message.link_names()}
        filled = message.filled(links)
    assert len(b2a_qp(filled.text.encode()) + b2a_qp(filled.html.encode())) < 98_000
    left = len(re.findall(r"^1 A sentence|^- .*: 0 A sentence", filled.text, re.M))
    assert left >= 6
    told = [
        int(found.replace(",", "")) for found in re.findall(r"^- and ([\d,]+) more, in the history", filled.text, re.M)
    ]
    shown = len(re.findall(r"^- 21 June 2018: \d A sentence", filled.text, re.M))
    beyond = re.search(r"^(\d+) changes in (\d+) more campaigns:\n(.*)$", filled.text, re.M)
    assert beyond is not None
    notes = left  # one restricted note a campaign
    assert shown + sum(told) + notes + int(beyond[1]) == content.changes
    assert left + int(beyond[2]) == 200
    assert beyond[3] == f"{SITE}/"


def test_no_digest_is_longer_than_it_must_be(app: Flask) -> None:
    """What fits is told whole."""
    with app.app_context():
        text = digest_message(FULL).text
    assert "more campaign" not in text
    assert text.count("\n- ") == 10


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
        (
            replace(PLAIN, sections=(section(lines=FULL.sections[1].lines[:1]),), due=FULL.due),
            "Amazon.com: 28.19\N{NO-BREAK SPACE}% of for and against, on “Report on the uses… · 1 deadline",
        ),
        (
            replace(PLAIN, sections=(section(lines=FULL.sections[1].lines[1:]),)),
            "Amazon.com: Ask refused: Stop selling it to police",
        ),
        (replace(PLAIN, sections=FULL.sections[3:]), "Amazon.com: 38 more signed"),
        (
            replace(PLAIN, sections=(section(lines=(), signed=Signed(120, 0, 20, is_exact=False)),)),
            "Amazon.com: at least 20 more signed",
        ),
    ],
)
def test_subjects(app: Flask, content: Content, subject: str) -> None:
    """Company and fact come first; how much more there is comes last; a neutral one only counts."""
    with app.app_context():
        assert subject_of(content) == subject


def test_no_subject_is_cut_or_calls_itself_a_digest(app: Flask) -> None:
    """A mailbox shows 78 characters; the company and the fact stand in the first forty."""
    with app.app_context():
        for content in (PLAIN, FULL, RESTRICTED, huge()):
            subject = subject_of(content)
            assert len(subject) <= 78
            assert subject.startswith("Amazon")
            assert "digest" not in subject.casefold()


def test_the_preheader_continues_the_subject(app: Flask) -> None:
    """It tells what the subject had no room for: the next facts, then what is due; in a neutral mail nothing."""
    with app.app_context():
        continued = preheader_of(FULL)
        assert continued.startswith("About 450 employees had signed by October 2018 · Amazon.com: 28.19")
        assert preheader_of(replace(PLAIN, due=FULL.due)) == "Annual meeting is due on Sunday 20 December"
        neutral = preheader_of(replace(FULL, neutral_subject=True))
    assert neutral == "What changed since Monday 16 November in the campaigns you follow"


def test_the_fact_begins_in_the_first_forty_characters(app: Flask) -> None:
    """However long names and sentences are."""
    long = section(
        company="The Very Long Name of an International Holding Company of Many Things, Incorporated",
        lines=(line("In a long statement its spokesman said that it would not stop selling it to anybody at all"),),
    )
    with app.app_context():
        subject = subject_of(replace(PLAIN, sections=(long,)))
    assert subject == "The Very Long Name…: In a long statement its spokesman said that it would…"
    assert len(subject) <= 78


def test_names_without_their_legal_form() -> None:
    """As people say them."""
    assert short_name("Amazon.com, Inc.") == "Amazon.com"
    assert short_name("Alphabet Inc. ") == "Alphabet"
    assert short_name("Exxon Mobil Corporation") == "Exxon Mobil"
    assert short_name("Inc.") == "Inc."
    assert shorten("one two three", 9) == "one two…"
