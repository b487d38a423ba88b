"""First-run hints teach one thing, go away by their button for good, or by themselves once it was done."""

from __future__ import annotations

from tests.support.campaigns import log
from tests.support.pages import submit, visit

HERE = "/campaigns/open-letter"


def test_a_hint_goes_for_good_and_for_its_reader_alone(signed_in) -> None:
    """Without JavaScript: the button posts, leads back to the page, and the hint stays away on every device."""
    client, other = signed_in(), signed_in()
    log(client, title="Open letter", kind="public")
    page = visit(client, HERE)
    assert page.has("#hint-sources")
    form = page.form("#hint-sources form")
    page = visit(client, "/hints/sources/dismiss", method="POST", data=form)
    assert page.response.request.path == HERE
    assert not page.has("#hint-sources")
    assert not visit(signed_in(account_id=client.account_id), HERE).has("#hint-sources")
    log(other, title="Other letter", kind="public")
    assert visit(other, "/campaigns/other-letter").has("#hint-sources")
    client.post("/hints/sources/dismiss", data=form)  # a second click is no error


def test_a_hint_goes_by_itself(signed_in) -> None:
    """What was done need not be taught: with a source in the history the hint about sources is gone."""
    client = signed_in()
    log(client, title="Open letter", kind="public")
    submit(client, HERE + "/notes/new", headline="It began", occurred_on="2020", **{"source-citation": "The Gazette"})
    assert not visit(client, HERE).has("#hint-sources")


def test_one_hint_at_a_time_at_home(signed_in) -> None:
    """Nothing before there is something to read; following something takes the place of the hint about it."""
    client = signed_in()
    assert not visit(client, "/").has(".hint")
    log(client, title="Open letter", kind="public")
    page = visit(client, "/")
    assert [str(one["id"]) for one in page.select(".hint")] == ["hint-follow"]
    visit(client, str(visit(client, HERE).select_one("form[action*=follow]")["action"]), method="POST", queries=80)
    assert [str(one["id"]) for one in visit(client, "/").select(".hint")] == ["hint-shortcuts"]
    submit(client, "/account", shortcuts=None)
    assert not visit(client, "/").has(".hint")


def test_no_hint_for_readers_nor_of_unknown_names(signed_in) -> None:
    """A viewer is not taught to record; a hint that nobody knows is not there; the way back stays on this site."""
    from tracker.accounts.models import Role

    lead, viewer = signed_in(), signed_in(Role.VIEWER)
    log(lead, title="Open letter", kind="public")
    assert not visit(viewer, HERE).has(".hint")
    assert lead.post("/hints/nothing/dismiss").status_code == 404
    assert lead.post("/hints/seen/dismiss", data={"back": "https://elsewhere.example"}).location == "/"
