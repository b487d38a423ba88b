"""What the desk says of a mail that came back after it was sent."""

import pytest
from flask import Flask

from tests.digests.test_desk import LATER, SignIn, only_digest, run_page, told
from tests.digests.world import World
from tests.support.pages import visit
from tracker import clock
from tracker.accounts.models import Role
from tracker.db import transaction
from tracker.digests.rechecking import WATCH
from tracker.mail import bounces


@pytest.mark.each_database
def test_what_came_back_is_told_apart_from_what_was_taken(app: Flask, present: World, signed_in: SignIn) -> None:
    """A mail that was sent and came back: both moments, and why it failed instead of the answer that took it."""
    told(app, present, signed_in)
    with app.app_context(), transaction():
        email = only_digest().email
        assert email is not None
        email.smtp_code = 250
        report = bounces.Report(bounces.BounceKind.GONE, "5.1.1", None, email.message_id)
        bounces.take(report, now=clock.now() + LATER, changed=WATCH.changed)
    organiser = signed_in(Role.ORGANISER)
    row = visit(organiser, f"{run_page(organiser)}?state=failed").select_one("tbody tr").get_text(" ", strip=True)
    assert "It came back (5.1.1)." in row and "250" not in row
    assert row.index(" sent ") < row.index(" failed ")
