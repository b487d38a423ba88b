"""Invented facts for the sample pages."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, PasswordField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Optional

from tracker.db import Precision
from tracker.web.dates import UncertainDate
from tracker.web.forms import BaseForm, MarkdownField, UncertainDateField, WebAddress

KINDS = [SelectChoice("a", "Employee"), SelectChoice("b", "Shareholder")]
AUDIENCES = [SelectChoice("members", "Members only"), SelectChoice("public", "Public")]


class SampleForm(BaseForm):
    """One field of each kind."""

    title = StringField("Title", [DataRequired("Give the campaign a title.")], description="As people call it")
    kind = RadioField("Kind", [DataRequired("Say who campaigns.")], choices=KINDS)
    text = MarkdownField("Text", [Optional()])
    began = UncertainDateField("When it began", [Optional()])
    source = StringField("Source", [Optional(), WebAddress()])
    visibility = SelectField("Who may read it", choices=AUDIENCES)
    sealed = BooleanField("Names are sealed")
    password = PasswordField("Password")


def sample() -> dict[str, Any]:
    """What the sample pages show."""
    day = dt.date(2018, 6, 21)
    seen = dt.datetime(2018, 6, 22, 9, 30, tzinfo=dt.UTC)
    source = SimpleNamespace(
        citation="Letter to the board",
        url="https://www.example.org/letter",
        publisher="The Example",
        published_on=day,
        published_precision=Precision.MONTH,
        kind="primary",
        archive_url="https://archive.example.org/letter",
        quotation="We refuse.",
    )
    bare = SimpleNamespace(citation="Minutes of the annual meeting", kind="press")
    entries = [
        {
            "kind": "statement",
            "date": day,
            "precision": Precision.DAY,
            "sentence": "The company answered",
            "body": "It *declined*.",
            "sources": [source, bare],
            "visibility": "public",
            "actor": "Robin Example",
            "recorded_at": seen,
            "anchor": "entry-1",
            "actions": Markup('<a href="/edit">Edit</a>'),
        },
        {
            "kind": "reported_count",
            "date": day,
            "precision": Precision.MONTH,
            "sentence": "Size reported: more than 400",
            "corrected_by": {
                "reason": "The letter says 450.",
                "sentence": "Size reported: more than 450",
                "url": "#entry-3",
            },
        },
        {
            "kind": "reported_count",
            "sentence": "Size reported: more than 450",
            "anchor": "entry-3",
            "corrects": {"reason": "Misread."},
        },
        {"kind": "note", "date": day, "precision": Precision.YEAR, "redacted": "a name typed by mistake"},
    ]
    rows = [
        {
            "text": "Stop the sale",
            "url": "#a",
            "target": "The board",
            "outcome": value,
            "since": day,
            "since_precision": "month",
        }
        for value in ("unanswered", "refused", "partly_met", "met", "reversed", "replaced")
    ]
    rows[0] |= {"evidence": [source], "attribution": "Disputed", "target": None, "since": None}
    return {
        "form": SampleForm(),
        "day": day,
        "date": UncertainDate(day, Precision.MONTH),
        "seen": seen,
        "sources": [source, bare],
        "years": [(2019, entries[:1]), (2018, []), (None, entries[1:])],
        "rows": rows,
        "stages": [
            ("draft", "Draft", UncertainDate(day, Precision.DAY)),
            ("gathering", "Gathering", None),
            ("concluded", "Concluded", None),
        ],
        "mail": {
            "subject": "What changed",
            "sender": "Undersigned <undersigned@example.org>",
            "recipient": "robin@example.org",
            "sent_at": seen,
            "state": "sent",
            "headers": [("List-Unsubscribe", "<https://example.org/u>")],
        },
    }
