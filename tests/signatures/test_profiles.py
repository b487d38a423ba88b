"""A profile tells one person from another however its address was copied: on lists, by hand, and in the queue."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.signatures.conftest import HERE, NOW, add, lead, letter, organiser, protected
from tests.signatures.signing import letter as the_letter
from tests.signatures.test_same import look
from tests.support.accounts import SignedIn, code_of
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.importing import running
from tracker.importing import service as importing
from tracker.signatures import queries, service
from tracker.signatures.models import Appearance, Signatory
from tracker.signatures.pairs import Evidence
from tracker.signatures.people import Person
from tracker.signatures.profiles import profile
from tracker.signatures.service import SignatureError

__all__ = ["lead", "letter", "organiser", "protected"]
ADA = "https://linkedin.com/in/ada-lovelace"


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("https://www.linkedin.com/in/Ada-Lovelace/", ADA),
        ("de.linkedin.com/in/ada-lovelace?trk=x#about", ADA),
        ("http://linkedin.com/in/ada-lovelace/details/skills", ADA),
        ("https://twitter.com/Ada", "https://x.com/ada"),
        ("x.com/@ada/status/1", "https://x.com/ada"),
        ("https://mobile.twitter.com/ada?lang=de", "https://x.com/ada"),
        ("https://mastodon.example/@Ada/109", "https://mastodon.example/@ada"),
        ("https://www.facebook.com/profile.php?id=12", "https://facebook.com/profile.php?id=12"),
        ("https://github.com/ada", "https://github.com/ada"),
        ("https://bsky.app/profile/ada.example", "https://bsky.app/profile/ada.example"),
        ("https://uni.example/people?id=7", "https://uni.example/people?id=7"),
        ("https://uni.example/Staff/Ada/", "https://uni.example/Staff/Ada"),
    ],
)
def test_written_in_one_way(written: str, known: str) -> None:
    """Whatever the site is called, however it is read, and whatever page of theirs was open."""
    assert profile(written) == known and profile(known) == known


@pytest.mark.parametrize(
    "written", ["", "@ada", "ada@example.org", "linkedin.com", "a b.example/c", "javascript:alert(1)", "ftp://a.b/c"]
)
def test_what_is_none(written: str) -> None:
    """A handle names no site, a site no person."""
    assert profile(written) == ""


@given(st.text(max_size=60))
def test_any_text_is_read_and_read_again_alike(written: str) -> None:
    """Nothing breaks it, and what it gives is its own best form."""
    assert profile(profile(written)) == profile(written)


def test_added_by_hand(lead: SignedIn, app: Flask) -> None:
    """Sealed, shown as contact data alone; the same profile again is refused beside its field; what is none, too."""
    page = submit(
        lead, f"{HERE}/new", name="Ada Lovelace", link="www.linkedin.com/in/Ada-Lovelace/", appearance="counted"
    )
    assert "linkedin" not in page.html
    for link, why in (
        ("linkedin.com/in/ada-lovelace", "is here already"),
        ("@ada", "Write the address of one profile"),
    ):
        page = submit(lead, f"{HERE}/new", name="A. L.", link=link, appearance="counted", status=422)
        assert why in page.select_one("#link-error").get_text()
    with app.app_context():
        row = db.session.scalars(sa.select(Signatory)).one()
        public_id = row.public_id
        assert row.link_hash and row.link_sealed and "linkedin" not in row.link_sealed
    page = visit(lead, f"{HERE}/{public_id}")
    assert "kept, sealed" in page.text and "linkedin" not in page.html
    page = submit(lead, f"{HERE}/{public_id}", "#contacts form", reason="to look", code=code_of())
    assert "www.linkedin.com/in/Ada-Lovelace/" in page.text
    submit(lead, f"{HERE}/{public_id}/edit", name="Ada King")
    with app.app_context():
        assert db.session.scalars(sa.select(Signatory.link_hash)).one() == row.link_hash, "empty keeps what there is"
        with transaction():
            service.erase(db.session.scalars(sa.select(Signatory)).one(), actor=None, now=NOW)
        row = db.session.scalars(sa.select(Signatory)).one()
        assert row.link_hash is None and row.link_sealed is None


@pytest.mark.each_database
def test_two_rows_of_one_profile_are_proposed(letter: Campaign, organiser: Account) -> None:
    """Certain, whatever their names; found to be one they count once."""
    add(letter, organiser, "Ada Lovelace", address="a@example.org", link=ADA)
    other = add(letter, organiser, "Countess of L.", address="b@example.org")
    with transaction():
        service.edit_signatory(
            other, Person("Countess of L.", link="uk.linkedin.com/in/ada-lovelace/"), keep_address=True,
            seen=other.version, actor=organiser, now=NOW,
        )  # fmt: skip
    (pair,) = look(letter)
    assert (pair.evidence, pair.likeness) == (Evidence.LINK, 100)
    with transaction():
        service.find_same(pair, actor=organiser, now=NOW)
    assert queries.counts(letter).here == 1
    with transaction(), pytest.raises(SignatureError, match="here already"):
        service.add_signatory(
            letter, Person("Third", link=ADA), appearance=Appearance.COUNTED, actor=organiser, now=NOW
        )


@pytest.mark.each_database
def test_a_list_knows_them_again(lead: SignedIn, app: Flask) -> None:
    """By the profile, in the same file or from before, as the check says and as it is brought in."""
    text = (
        "name,LinkedIn,email\n"
        f"Ada Lovelace,{ADA}/,\nAda L.,de.linkedin.com/in/Ada-Lovelace,second@example.org\n"
        "Mary Somerville,linkedin.com/in/mary,mary@example.org\nJust Words,not a link,\n"
    )
    with app.app_context():
        campaign, by = the_letter(), db.session.get_one(Account, lead.account_id)
        add(campaign, by, "Somebody", link="https://www.linkedin.com/in/MARY")
        with transaction():
            row = importing.begin(campaign, [text.encode()], appearance=Appearance.COUNTED, actor=by, now=clock.now())
            assert list(row.columns) == ["name", "link", "address"]
            importing.check(row, row.columns, order=row.day_order, appearance=Appearance.COUNTED, now=clock.now())
        running.work()
        row = db.session.merge(row)
        db.session.refresh(row)
        assert row.new == 2
        with transaction():
            importing.start(db.session.merge(row), now=clock.now())
        running.work()
        assert queries.counts(campaign).here == 3
        hashes = list(db.session.scalars(sa.select(Signatory.link_hash).order_by(Signatory.id)))
        assert [bool(one) for one in hashes] == [True, True, False]
