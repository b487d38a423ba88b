"""Flask-Security, set up: its accounts, hashing, password rules and session; our sign-in rows, pages and outbox.

Its own views are not registered: they commit on their own, write after reading (which SQLite refuses under load,
house.md 4) and send mail before the commit. Ours call the same functions inside our transactions.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.mail_util import MailUtil

from tracker.accounts import factor, kept_form, limits, names, sign_ins
from tracker.accounts.models import Account, RoleWord
from tracker.accounts.passwords import MINIMUM_LENGTH, Rules
from tracker.clock import now
from tracker.db import db

SETTINGS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    # No HMAC before hashing: argon2id has a salt of its own, and a lost pepper would lock everybody out.
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    # reliability.md, section (b): argon2id, 64 MiB, three passes, one lane.
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__type": "ID",
        "argon2__memory_cost": 65536,
        "argon2__time_cost": 3,
        "argon2__parallelism": 1,
    },
    "SECURITY_PASSWORD_LENGTH_MIN": MINIMUM_LENGTH,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": False},
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
    # The sign-in row decides how long; sending the cookie with each answer would race between two tabs.
    "SESSION_REFRESH_EACH_REQUEST": False,
}


class Outbox(MailUtil):
    """Whatever the library wants to mail goes through our outbox, as a row of the same transaction."""

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: str | None, html: str | None, **_: Any
    ) -> None:
        """Put the message in the outbox; the sender is always MAIL_FROM."""
        from tracker.mail import outbox
        from tracker.mail.models import EmailKind
        from tracker.mail.render import Message

        address = recipient[1] if isinstance(recipient, tuple) else recipient
        message = Message(subject=str(subject), text=body or "", html=html or "")
        outbox.put(message, to=str(address), kind=EmailKind.ACCOUNT_NOTICE, now=now())


def init_app(app: Flask) -> None:
    """Sign-in for this app."""
    app.config.update(SETTINGS)
    app.config.setdefault("SECURITY_PASSWORD_SALT", secrets.token_hex(16))  # unused with a single hash, but asked for
    security = Security(register_blueprint=False)
    security._password_util_cls = Rules
    security._mail_util_cls = Outbox
    security.init_app(app, SQLAlchemyUserDatastore(db, Account, RoleWord))
    manager = security.login_manager
    # A token in a header or in an address is no way in here.
    manager._request_callback = None
    # Otherwise Flask-Login puts a hash of the network address and the browser's name into the cookie.
    manager.session_protection = None
    manager._session_identifier_generator = str
    manager.user_loader(sign_ins.load_account)
    manager.unauthorized_handler(kept_form.ask_to_sign_in)
    app.before_request(sign_ins.note_seen)
    limits.init_app(app)
    names.init_app(app)
    app.add_template_test(factor.is_lacking, "lacking_factor")
