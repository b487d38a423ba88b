"""The page outsiders read: the letter, how many stand behind it, what came of it, and nobody who did not choose it."""

from tests.support.campaigns import log
from tests.support.pages import submit, visit

HERE = "/campaigns/open-letter"


def test_a_public_campaign(signed_in, client) -> None:
    """Letter first; asks with their fate; public entries only; who runs it is "the organisers"."""
    lead = signed_in(name="Ada Organiser")
    log(lead, title="Open letter", kind="public")
    submit(lead, HERE + "/text/new", body="Dear board, *listen*.")
    submit(lead, HERE + "/notes/new", headline="Ours alone", occurred_on="2020", visibility="signed_in")
    submit(lead, HERE + "/notes/new", headline="For everybody", occurred_on="2020", visibility="public")
    submit(
        lead, HERE + "/notes/new", headline="Later", occurred_on="2020", visibility="public", public_from="2199-01-01"
    )
    visit(client, "/c/open-letter", status=404)
    submit(lead, HERE + "/visibility", visibility="public")
    page = visit(client, "/c/open-letter")
    assert page.heading == "Open letter"
    main = page.select_one("main")
    order = [main.get_text().find(words) for words in ("Dear board", "What is asked", "What happened")]
    assert order == sorted(order)
    assert -1 not in order
    assert "For everybody" in page.text
    for hidden in ("Ours alone", "Later", "Ada", "recorded by"):
        assert hidden not in page.html
    assert "the organisers" in page.text
    assert "noindex" not in page.response.headers.get("X-Robots-Tag", "")


def test_an_old_address_of_a_public_page(signed_in, client) -> None:
    """The public page follows its campaign's address; one in the bin is gone."""
    lead = signed_in()
    log(lead, title="Open letter", kind="public")
    submit(lead, HERE + "/visibility", visibility="public")
    submit(lead, HERE + "/edit", slug="renamed")
    assert client.get("/c/open-letter").location == "/c/renamed"
    visit(client, "/c/open-letter")
    visit(lead, "/campaigns/renamed/remove", method="POST", queries=80)
    visit(client, "/c/renamed", status=404)
    visit(client, "/c/nothing", status=404)


def test_no_cookie_and_few_queries(signed_in, client) -> None:
    """A reader from outside gets no cookie."""
    lead = signed_in()
    log(lead, title="Open letter", kind="public")
    submit(lead, HERE + "/visibility", visibility="public")
    page = visit(client, "/c/open-letter", queries=20)
    assert "Set-Cookie" not in page.response.headers
