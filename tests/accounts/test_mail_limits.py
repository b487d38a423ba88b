"""Whoever is signed in makes only so many mails, from wherever they do it."""

from collections.abc import Callable

from flask import Flask

from tests.support.accounts import PASSWORD, SignedIn
from tests.support.mails import outbox
from tracker.accounts.models import Role


def test_invitations_and_new_addresses(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Sixty invitations an hour, ten tries at another address; what is refused makes no mail."""
    boss = signed_in(Role.ADMINISTRATOR)

    def invite(number: int) -> int:
        return boss.post(
            "/people/invite",
            data={"email": f"new{number}@example.org", "name": "", "role": "viewer"},
            environ_overrides={"REMOTE_ADDR": f"192.0.{number}.1"},
        ).status_code

    answers = [invite(number) for number in range(61)]
    assert answers == [302] * 60 + [429]
    assert len(outbox(app)) == 60
    changes = [
        boss.post(
            "/account/email", data={"email-email": f"mine{number}@example.org", "email-current_password": PASSWORD}
        ).status_code
        for number in range(11)
    ]
    assert changes[-1] == 429
    assert 429 not in changes[:-1]
