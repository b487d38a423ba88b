"""Nobody is delivered under words that they did not sign: of a text changed in substance the packet has two groups."""

import io
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from tests.deliveries.test_delivering import HERE, leading, people
from tests.signatures.signing import NAME, signed
from tests.signatures.test_text_changed import asked, change, run
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker.db import db, transaction
from tracker.deliveries.models import Delivery

NOW, EARLIER = "Signed this text", "Signed an earlier text, before it was changed in substance"


def test_the_packet_has_who_signed_which_text(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]
) -> None:
    """On paper and as PDF: under the new text only who signed it, the others under their own heading. Both numbers are
    frozen, and stay when somebody signs the new text afterwards; of an old delivery nobody knows them."""
    people(app, client)
    team = leading(app, signed_in)
    page = visit(team, f"{HERE}/packet", method="POST", data={"format": "print"})
    assert EARLIER not in page.text and NAME in page.text
    submit(team, HERE, "form[action$=delivery]", receiver="The board", way="post")
    change(app)
    assert run(app, 2) == 3
    signed(client, app, name="Nan New", email="new@example.org")
    page = visit(team, f"{HERE}/packet", method="POST", data={"format": "print"})
    groups = [one.get_text(strip=True) for one in page.select(".packet h3, .packet li")]
    assert groups == [NOW, "Nan New", EARLIER, f"{NAME}, Nurse", "I. I., Baker"]
    assert "4 signatories" in page.text and "and 1 who chose" in page.text
    assert "Fewer than ten signed this text" in page.text, "a small number is told in words"
    answer = team.post(f"{HERE}/packet", data={"format": "pdf"})
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.get_data())).pages).split())
    assert [words.index(one) for one in groups] == sorted(words.index(one) for one in groups)
    submit(team, HERE, "form[action$=delivery]", receiver="The chair", way="post")
    submit(client, asked(app, "i@example.org")[0], "form[action$=again]", consent="y")
    page = visit(team, HERE)
    assert "1 signed this text, 3 an earlier one" in page.select_one("#deliveries").get_text()
    assert "2 signed this text, 2 an earlier one" in page.select_one("#packet").get_text()
    with app.app_context(), transaction():
        made = db.session.scalars(sa.select(Delivery).order_by(Delivery.id)).all()
        assert [(one.number, one.number_earlier) for one in made] == [(3, 0), (4, 3)]
        made[1].number_earlier = None
    assert "an earlier one" not in visit(team, HERE).select_one("#deliveries").get_text()
