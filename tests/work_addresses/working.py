"""A letter whose signers may show that they work there, for the tests of that; everybody is invented."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import LINK, NAME, lead, letter, open_letter, stamp
from tests.support.accounts import forget_tries
from tests.support.mails import outbox
from tests.support.pages import Page, submit
from tracker import clock
from tracker.campaigns.models import Visibility
from tracker.db import db, transaction
from tracker.work_addresses.service import allow_domains

DOMAIN = "planted-works.example"
ADDRESS = f"zoe.planted@{DOMAIN}"


def open_at_work(app: Flask, *domains: str, visibility: Visibility = Visibility.LINK, protected: bool = True) -> None:
    """An employees' letter, by link, for whose domains codes may be mailed."""
    open_letter(app, protected=protected, visibility=visibility)
    with app.app_context(), transaction():
        allow_domains(letter(), domains or [DOMAIN], seen=None, actor=lead(), now=clock.now())


def ask(client: FlaskClient, app: Flask, address: str = ADDRESS, *, key: str = LINK, **values: Any) -> Page:
    """Type an address; the page that follows."""
    forget_tries()
    return submit(client, f"/c/{key}/work", **{"email": address, "stamp": stamp(app), **values})


def code_for(app: Flask, address: str = ADDRESS) -> str:
    """The code in the newest mail to an address."""
    return outbox(app, address)[-1].links["code"]


def sign(client: FlaskClient, app: Flask, code: str, *, key: str = LINK, status: int = 200, **values: Any) -> Page:
    """Fill in the form with a code; the page that follows."""
    forget_tries()
    typed = {"name": NAME, "appearance": "counted", "consent": "y", "code": code, "stamp": stamp(app), **values}
    return submit(client, f"/c/{key}/work/code", status=status, **typed)


def signed(client: FlaskClient, app: Flask, address: str = ADDRESS, **values: Any) -> str:
    """Ask, and sign with what came; the receipt code."""
    ask(client, app, address)
    return sign(client, app, code_for(app, address), **values).select_one(".receipt-code").get_text(strip=True)


def all_rows(without: Iterable[str] = ()) -> dict[str, str]:
    """Every row of every table, as text, by table; inside an app context."""
    return {
        table.name: repr([tuple(row) for row in db.session.execute(sa.select(table))])
        for table in db.metadatas[None].sorted_tables
        if table.name not in without
    }
