"""A form is saved once: clicked twice, reloaded, or sent from two windows, it leads to the same page again.

    with transaction(), once(form) as saved:
        note = append_entry(…)
        saved.leads_to(url_for("timeline.show", …))
    return redirect(saved.where)

A form that is only a button (components/confirm_button.html) carries a key too; its view says `once()`.

The form's random key is recorded in the same transaction as what the form made, so both are there or neither is. When
the two arrive at once, the second waits for the first at the unique key. Somebody who goes back, types something else
and sends that saves it: what was typed counts as much as the key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask, Response, flash, g, redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from tracker import clock
from tracker.db import db, dialect, inserting
from tracker.web.base_form import BaseForm
from tracker.web.models import SavedForm
from tracker.words import _


class SavedAlready(Exception):
    """The same form was saved before; `where` is the page that followed."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


class Saved:
    """Where a form that is being saved leads."""

    def __init__(self) -> None:
        self.where = ""

    def leads_to(self, where: str) -> None:
        """The page that follows, for this click and for every other of the same form."""
        self.where = where


@contextmanager
def once(form: BaseForm | None = None) -> Iterator[Saved]:
    """Inside a transaction: save what was typed, unless it was saved already. Raises SavedAlready then.

    Without `form`, what was pressed is a button; its key is in the request. A form without a key is saved as often as
    it is sent. Forgetting `leads_to` is a defect.
    """
    saved = Saved()
    row = _claim(request.form.get("form_key") if form is None else form.form_key.data)
    yield saved
    assert saved.where, "say with saved.leads_to(…) which page follows"
    if row is not None:
        db.session.execute(sa.update(SavedForm).where(SavedForm.digest == row).values(led_to=saved.where))


def _claim(key: str | None) -> str | None:
    if not key:
        return None
    digest = _digest(key)
    row = inserting(SavedForm, dialect()).values(digest=digest, led_to="", saved_at=clock.now())
    # On PostgreSQL this waits for somebody who is just saving the same.
    made = db.session.execute(row.on_conflict_do_nothing().returning(SavedForm.digest)).scalar()
    if made is None:
        raise SavedAlready(db.session.scalars(sa.select(SavedForm.led_to).where(SavedForm.digest == digest)).one())
    return digest


def _digest(key: str) -> str:
    typed = sorted(
        (name, values)
        for name, values in request.form.lists()
        if name not in ("csrf_token", "opened") and not _is_key(name)
    )
    files = [(name, file.filename, _hash_of(file)) for name, file in request.files.items(multi=True)]
    return hashlib.sha256(json.dumps([key, request.path, typed, files]).encode()).hexdigest()


def _hash_of(file: FileStorage) -> str:
    found = hashlib.sha256()
    while part := file.stream.read(65536):
        found.update(part)
    file.stream.seek(0)
    return found.hexdigest()


def _is_key(name: str) -> bool:
    return name == "form_key" or name.endswith("-form_key")


def form_key() -> str:
    """The key of the buttons of one page: what they do and their address tell them apart."""
    if "form_key" not in g:
        g.form_key = secrets.token_urlsafe(16)
    return str(g.form_key)


def forget_saved(before: dt.datetime) -> int:
    """Forget which forms were saved before this moment; inside a transaction. Returns how many."""
    done = db.session.execute(
        sa.delete(SavedForm).where(SavedForm.saved_at < before).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def lead_there(error: SavedAlready) -> BaseResponse:
    """What somebody sees who sent a form twice."""
    flash(str(_("That was saved already; here it is.")), "info")
    if request.headers.get("HX-Request"):
        return Response(status=200, headers={"HX-Redirect": error.where})
    return redirect(error.where)


def lead_back() -> BaseResponse | None:
    """Before a view looks for what the first click may have moved or removed: was this form saved already?"""
    if request.method != "POST":
        return None
    key = next((value for name, value in request.form.items() if value and _is_key(name)), None)
    if key is None:
        return None
    led_to = db.session.scalar(sa.select(SavedForm.led_to).where(SavedForm.digest == _digest(key)))
    return lead_there(SavedAlready(led_to)) if led_to else None


def init_app(app: Flask) -> None:
    """Answer the second click; once it is known that the form is ours."""
    app.before_request(lead_back)
    app.jinja_env.globals["form_key"] = form_key
    app.register_error_handler(SavedAlready, lead_there)
