"""The server that people sign on: ours as `tracker web` starts it, and beside it, in the same process, the bare form.

Two things are other than with people: the limit on posts from one network is raised, since all come from one; and a
form may be sent as soon as it was opened, since nobody reads it. Both are checked all the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, redirect, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from tracker import clock, logs
from tracker.accounts import limits
from tracker.config import Config, from_process
from tracker.db import db, new_public_id
from tracker.mail.models import Email, EmailBody, EmailKind
from tracker.operations import web
from tracker.signatures.signings import SigningRequest

BARE = "/bench/sign"
MUCH = "10000000 per minute; 10000000 per hour"
# As long as what we seal.
SAID, WORDS, HTML, SHORT = "s" * 600, "w" * 1500, "h" * 6000, "r" * 120
PAGE = """<!doctype html><title>Sign</title><form method="post">
<input name="name"><input name="email"><input type="hidden" name="stamp" value="{stamp}">
<input type="hidden" name="text" value="1"><button>Sign</button></form>"""


class Measured(web.Server):
    """The server, with the bare form beside ours."""

    def load(self) -> Any:
        """Both apps as one."""
        ours = super().load()
        bare = bare_app(ours)

        def either(environ: dict[str, Any], start_response: Any) -> Any:
            return (bare if environ["PATH_INFO"].startswith(BARE) else ours)(environ, start_response)

        return either


def bare_app(ours: Flask) -> Flask:
    """A form that does nothing but take its post: the same rows, of ready-made words, in one transaction."""
    app = Flask("bare", static_folder=None)
    with ours.app_context():
        engine = db.engine  # the same pool, with all that we ask of the database
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=ours.config["RATELIMIT_STORAGE_URI"],
        storage_options=ours.config["RATELIMIT_STORAGE_OPTIONS"],
        strategy="fixed-window",
        key_prefix="bare",
    )
    request_table: Any = SigningRequest.__table__
    body_table: Any = EmailBody.__table__
    email_table: Any = Email.__table__

    @app.get(f"{BARE}/<int:campaign_id>")
    def show(campaign_id: int) -> str:
        return PAGE.format(stamp=clock.now().timestamp())

    @app.post(f"{BARE}/<int:campaign_id>")
    @limiter.limit(MUCH)
    def take(campaign_id: int) -> Any:
        now, form = clock.now(), request.form
        if not (form["name"] and "@" in form["email"] and form["stamp"]):
            return "What is your name?", 422
        with engine.begin() as connection:
            connection.execute(
                sa.insert(request_table).values(
                    public_id=new_public_id(), campaign_id=campaign_id, digest=new_public_id(),
                    address_hash=form["email"][:64], said_sealed=SAID, mailed_at=now, created_at=now,
                    expires_at=now + timedelta(days=7),
                )
            )  # fmt: skip
            body = connection.execute(
                sa.insert(body_table)
                .values(
                    public_id=new_public_id(), subject_sealed=SHORT, text_sealed=WORDS, html_sealed=HTML, locale="en",
                    written_at=now,
                )
                .returning(body_table.c.id)
            ).scalar_one()  # fmt: skip
            connection.execute(
                sa.insert(email_table).values(
                    public_id=new_public_id(), kind=EmailKind.CONFIRMATION, priority=0, body_id=body,
                    recipient_sealed=SHORT, recipient_hash=form["email"][:64], links_sealed=SHORT * 2,
                    message_id=new_public_id(), state="pending", attempts=0, next_attempt_at=now, answer="",
                    ambiguous=False, created_at=now,
                )
            )  # fmt: skip
        return redirect(f"{BARE}/{campaign_id}", 303)

    return app


def main() -> None:
    """Serve until told to stop."""
    logs.configure()
    often: Any = limits.per_network
    raised: Any = lambda scope, _often: often(scope, MUCH)  # noqa: E731
    limits.per_network = raised  # before the views are read
    config: Config = from_process()
    config = replace(config, durations=replace(config.durations, sign_form_least=timedelta(0)))
    Measured(config, web.settings(f"127.0.0.1:{config.port}", threads=8, workers=1)).run()


if __name__ == "__main__":
    main()
