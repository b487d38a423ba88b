"""Nobody outside signs before everybody who could read their contact data has a second factor."""

import pytest
from flask import Flask

from tests.signatures.conftest import NOW, account, campaign
from tests.support.accounts import make_account
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Visibility
from tracker.db import db, transaction
from tracker.signatures.service import SignatureError
from tracker.signatures.service.opening import open_signing
from tracker.signatures.signings import signing_of


def test_signing_opens_when_all_readers_have_a_second_factor(context: Flask) -> None:
    """One account that may see contact data and has none keeps the form closed, and is not named."""
    with transaction():
        organiser = account("organiser")
        letter = campaign(visibility=Visibility.PUBLIC)
    reader = make_account(context, Role.VIEWER, may_see_contacts=True, factor=False, email="bo@example.org")
    with pytest.raises(SignatureError, match="1 account that") as refused, transaction():
        open_signing(letter, actor=organiser, now=NOW)
    assert "bo@" not in str(refused.value)
    with transaction():
        db.session.get_one(Account, reader).may_see_contacts = False
    with transaction():
        open_signing(letter, actor=organiser, now=NOW)
        signing = signing_of(letter)
    assert signing is not None
