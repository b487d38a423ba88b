"""The forms that ours is compared with: what somebody would write who asks for nothing but the rows.

Both run in the process of ours, behind the same server, on the same pool, and count each post against a limit in the
same storage. Both insert, in one transaction, the rows that ours does with all their columns: the request, the words of
the mail, and the mail. The values are ready-made and as long as ours.

- *bare*: a form of the same fields by Flask-WTF, drawn by a template of a few lines, with Flask-WTF's own token in page
  and session, checked when it is sent.
- *barer*: a page of three lines that is never drawn and has no token; two fields are looked at.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, redirect, render_template, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm
from jinja2 import DictLoader
from wtforms import BooleanField, EmailField, HiddenField, RadioField, StringField
from wtforms.validators import DataRequired, Email, InputRequired, Length

from tracker import clock
from tracker.campaigns.models import CampaignText
from tracker.db import db, new_public_id
from tracker.mail import models as mail
from tracker.signatures.signings import SigningRequest

BARE, BARER = "/bench/bare", "/bench/barer"
MUCH = "10000000 per minute; 10000000 per hour"
# As long as what we seal.
SAID, WORDS, HTML, SHORT = "s" * 600, "w" * 1500, "h" * 6000, "r" * 120
PAGE = """<!doctype html><title>Sign</title><form method="post">{{ form.hidden_tag() }}
{% for field in form if field.widget.input_type != "hidden" %}
<p>{{ field.label }} {{ field }}{% for error in field.errors %} <em>{{ error }}</em>{% endfor %}</p>
{% endfor %}<button>Sign</button></form>"""
BARER_PAGE = """<!doctype html><title>Sign</title><form method="post">
<input name="name"><input name="email"><input type="hidden" name="text" value="1"><button>Sign</button></form>"""


class BareForm(FlaskForm):  # type: ignore[misc]
    """The fields of ours."""

    name = StringField("Your name", [DataRequired(), Length(max=300)])
    email = EmailField("Your e-mail address", [DataRequired(), Length(max=254), Email()])
    office = StringField("Your role", [Length(max=200)])
    affiliation = StringField("Your organisation", [Length(max=300)])
    appearance = RadioField(
        "How you appear",
        [InputRequired()],
        choices=[("named", "Name"), ("initials", "Initials"), ("counted", "Counted")],
    )
    updates = BooleanField("Write to me when there is news")
    consent = BooleanField("I agree", [DataRequired()])
    text = HiddenField()


def bare_app(ours: Flask) -> Flask:
    """Both, for a campaign by its number."""
    app = Flask("bare", static_folder=None)
    app.secret_key = "of a measurement"
    app.jinja_loader = DictLoader({"sign.html": PAGE})
    with ours.app_context():
        engine = db.engine  # the same pool, with all that we ask of the database
        newest = sa.select(CampaignText.campaign_id, sa.func.max(CampaignText.id)).group_by(CampaignText.campaign_id)
        texts: dict[int, int] = {row[0]: row[1] for row in db.session.execute(newest)}
        db.session.remove()
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=ours.config["RATELIMIT_STORAGE_URI"],
        storage_options=ours.config["RATELIMIT_STORAGE_OPTIONS"],
        strategy="fixed-window",
        key_prefix="bare",
    )
    limit = limiter.shared_limit(MUCH, scope="bare", methods=["POST"])

    @app.route(f"{BARE}/<int:campaign_id>", methods=["GET", "POST"])
    @limit
    def bare(campaign_id: int) -> Any:
        form = BareForm(text=texts[campaign_id])
        if form.validate_on_submit():
            insert(engine, campaign_id, texts[campaign_id], form.email.data or "")
            return redirect(f"{BARE}/{campaign_id}", 303)
        return render_template("sign.html", form=form), 422 if form.errors else 200

    @app.route(f"{BARER}/<int:campaign_id>", methods=["GET", "POST"])
    @limit
    def barer(campaign_id: int) -> Any:
        if request.method == "GET":
            return BARER_PAGE
        if not (request.form["name"] and "@" in request.form["email"]):
            return "What is your name?", 422
        insert(engine, campaign_id, texts[campaign_id], request.form["email"])
        return redirect(f"{BARER}/{campaign_id}", 303)

    return app


_REQUEST = sa.insert(SigningRequest.__table__)  # type: ignore[arg-type]
_BODY = sa.insert(mail.EmailBody.__table__).returning(mail.EmailBody.__table__.c.id)  # type: ignore[arg-type]
_EMAIL = sa.insert(mail.Email.__table__)  # type: ignore[arg-type]


def insert(engine: sa.Engine, campaign_id: int, text_id: int, address: str) -> None:
    """The rows of one signature, all their columns, in one transaction."""
    now = clock.now()
    said = {
        "public_id": new_public_id(), "campaign_id": campaign_id, "digest": new_public_id(),
        "address_hash": address[:64], "said_sealed": SAID, "text_id": text_id, "mailed_at": now, "created_at": now,
        "expires_at": now + timedelta(days=7),
    }  # fmt: skip
    words = {
        "public_id": new_public_id(), "subject_sealed": SHORT, "text_sealed": WORDS, "html_sealed": HTML,
        "locale": "en", "written_at": now,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(_REQUEST, said)
        body = connection.execute(_BODY, words).scalar_one()
        email = {
            "public_id": new_public_id(), "kind": mail.EmailKind.CONFIRMATION, "priority": 0, "body_id": body,
            "recipient_sealed": SHORT, "recipient_hash": address[:64], "domain_hash": address[-64:], "has_turn": False,
            "links_sealed": SHORT * 2, "message_id": new_public_id(), "state": mail.EmailState.PENDING, "attempts": 0,
            "next_attempt_at": now, "answer": "", "ambiguous": False, "created_at": now, "settled_at": None,
        }  # fmt: skip
        connection.execute(_EMAIL, email)
