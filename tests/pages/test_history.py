"""The history reads like a story, and tells nobody more than they may know."""

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.support.happenings import PEOPLE, Team
from tests.support.pages import submit, visit
from tracker.campaigns.models import Visibility
from tracker.db import Precision, db
from tracker.timeline.models import EntryKind, Source, SourceKind, TimelineEntry
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.service import correct_entry

PLANTED = "quagga"  # a word that stands nowhere else


def test_a_story_by_year(team: Team) -> None:
    """Entries stand by year, each with its date as exactly as it is known, its kind and its sources."""
    with team.act() as now:
        entry = team.note("The letter is sent.", on=dt.date(2018, 6, 1), precision=Precision.MONTH)
        entry.sources = [Source(citation="A letter", kind=SourceKind.PRIMARY, recorded_at=now)]
        team.note("The vote.", on=dt.date(2019, 5, 22), kind=EntryKind.VOTE)
    page = visit(team.client("editor"), team.path("/history"))
    assert [heading.get_text(strip=True) for heading in page.select(".timeline-label")] == ["2019", "2018"]
    assert [sentence.get_text(strip=True) for sentence in page.select(".entry-sentence")] == [
        "The vote.",
        "The letter is sent.",
    ]
    last = page.select(".entry")[-1]
    assert last.select_one("time")["datetime"] == "2018-06"  # type: ignore[index]
    assert "Primary" in last.get_text() and "A letter" in last.get_text()
    assert [mark["aria-label"] for mark in page.select(".entry-mark svg")] == ["Votes", "Notes"]
    oldest = visit(team.client("editor"), team.path("/history?order=oldest"))
    assert [heading.get_text(strip=True) for heading in oldest.select(".timeline-label")] == ["2018", "2019"]


def test_filters_live_in_the_address(team: Team) -> None:
    """Kind, visibility, who recorded it and words narrow the page; the form shows what was chosen."""
    with team.act():
        team.note("Žofie votes.", kind=EntryKind.VOTE)
        team.note("Members talk.", visibility=To.MEMBERS, by="lead")
        team.note("A note.", visibility=To.SIGNED_IN)
    client = team.client("editor")

    def shown(query: str) -> list[str]:
        page = visit(client, team.path(f"/history?{query}"))
        return [sentence.get_text(strip=True) for sentence in page.select(".entry-sentence")]

    with team.look():
        lead = team.account("lead").public_id
    assert shown("kind=vote") == ["Žofie votes."]
    assert shown("visibility=members") == ["Members talk."]
    assert shown(f"actor={lead}") == ["Members talk."]
    assert shown("q=ZOFIE") == ["Žofie votes."]
    assert len(shown("kind=nonsense&page=-3&visibility=")) == 3
    assert shown("q=nothing+like+it") == []
    chosen = visit(client, team.path("/history?kind=vote&order=oldest"))
    assert chosen.select_one("#filter-kind option[selected]")["value"] == "vote"


def test_corrections_show_both_sides(team: Team) -> None:
    """The old sentence is struck out with the reason and the right one; the right one says what it corrects."""
    with team.act() as now:
        wrong = team.note("Decided on 2 April.")
        correct_entry(
            wrong,
            reason="The letter says 3 April.",
            headline="Decided on 3 April.",
            occurred_on=dt.date(2019, 4, 3),
            actor=team.account("lead"),
            now=now,
        )
    page = visit(team.client("viewer"), team.path("/history"))
    old = next(entry for entry in page.select(".entry") if entry.select_one(".entry-sentence s"))
    assert "Corrected. The letter says 3 April. Decided on 3 April." in " ".join(old.get_text(" ").split())
    right = next(entry for entry in page.select(".entry") if not entry.select_one(".entry-sentence s"))
    assert "Corrects an earlier entry." in right.get_text()
    assert right.select_one("s").get_text() == "Decided on 2 April."  # type: ignore[union-attr]


def test_a_correction_in_the_browser(team: Team) -> None:
    """Without a reason nothing is saved and nothing typed is lost; with one, the history shows it."""
    with team.act():
        address = team.path(f"/history/{team.note('Decided on 2 April.').public_id}/correct")
    client = team.client("editor")
    page = submit(client, address, headline="Decided on 3 April.", occurred_on="3 April 2019", reason="", status=422)
    assert "Say why it was wrong." in page.select_one("#reason-error").get_text()
    assert page.select_one("#headline")["value"] == "Decided on 3 April."
    page = submit(client, address, headline="Decided on 3 April.", occurred_on="3 April 2019", reason="A slip.")
    assert page.heading == "Decided on 3 April."
    assert "A slip." in page.text


@pytest.mark.parametrize("visibility", [To.OFF_THE_RECORD, To.NOT_FOR_ATTRIBUTION, To.MEMBERS])
def test_what_is_hidden_leaves_no_trace(team: Team, visibility: To) -> None:
    """To everybody else neither words nor count nor existence shows on any page of the campaign."""
    with team.act() as now:
        team.note("Plain.")
        hidden = team.note(f"The {PLANTED} spoke.", visibility=visibility, words=f"Of {PLANTED}s.", readers=("viewer",))
        hidden.sources = [Source(citation=f"{PLANTED} papers", recorded_at=now)]
        told = hidden.public_id
    inside = {"editor", "lead", "reader", "administrator"}
    for who in PEOPLE:
        client = team.client(who)
        sees = who in {"editor", "viewer"} if visibility is To.OFF_THE_RECORD else who in inside
        bodies = [
            client.get(team.path(rest)).get_data(as_text=True)
            for rest in (
                "/history",
                "/history?kind=note",
                f"/history?visibility={visibility.value}",
                f"/history?q={PLANTED}",
                "/changes",
            )
        ]
        pages = [client.get(team.path(f"/history/{told}{act}")) for act in ("", "/edit", "/correct", "/redact")]
        if sees:
            assert PLANTED in bodies[0] and pages[0].status_code == 200
            continue
        # The word that was searched for comes back in the search box; nothing else may.
        assert all(PLANTED not in body.replace(f'value="{PLANTED}"', "") for body in bodies), who
        assert "Notes (2)" not in bodies[0] and bodies[0].count('class="entry"') == 1, who
        assert "Not for attribution" not in bodies[0] and "Off the record" not in bodies[0], who
        for page in pages:
            assert page.status_code in (403, 404), who
            assert PLANTED not in page.get_data(as_text=True)
        assert pages[0].status_code == 404, who


def test_outsiders_read_the_organisers(team: Team) -> None:
    """A viewer who is no member reads "the organisers" for whoever recorded something, and cannot filter by it."""
    with team.act():
        team.note("Plain.", by="lead")
        address = team.path(f"/history/{team.entry('Plain.').public_id}")
    outside, inside = team.client("viewer"), team.client("reader")
    for path in (team.path("/history"), address):
        text = visit(outside, path).text
        assert "the organisers" in text and "Lead" not in text
        assert "Lead" in visit(inside, path).text
    assert not visit(outside, team.path("/history")).has("#filter-actor")
    assert outside.get(team.path("/changes")).status_code == 403


def test_thousands_of_entries_stay_quick(team: Team) -> None:
    """A long history comes by pages of a hundred, in a bounded number of queries."""
    rows = [
        {
            "public_id": f"{number:016d}",
            "version": 1,
            "campaign_id": team.campaign_id,
            "kind": EntryKind.NOTE,
            "headline": f"Number {number}.",
            "occurred_on": dt.date(2001, 1, 1) + dt.timedelta(days=number),
            "occurred_precision": Precision.DAY,
            "visibility": To.PUBLIC,
            "announce": True,
            "search_text": f"number {number}",
        }
        for number in range(2500)
    ]
    with team.act() as now:
        db.session.execute(sa.insert(TimelineEntry), [{**row, "recorded_at": now} for row in rows])
    client = team.client("reader")
    page = visit(client, team.path("/history"), queries=20)
    assert len(page.select(".entry")) == 100
    assert "Page 1 of 25" in page.text
    last = visit(client, team.path("/history?page=25"), queries=20)
    assert last.select(".entry-sentence")[-1].get_text(strip=True) == "Number 0."
    assert visit(client, team.path("/history?page=999"), queries=20).text == last.text
    assert "q=number" in visit(client, team.path("/history?q=number"), queries=20).link("Next")


def test_an_empty_history_teaches(team: Team) -> None:
    """Who may edit gets a button; who may only read gets words."""
    assert visit(team.client("editor"), team.path("/history")).link("Add the first note")
    page = visit(team.client("viewer"), team.path("/history"))
    assert "The history begins here" in page.text and not page.has("main a.btn")


@pytest.mark.parametrize("campaign_visibility", [Visibility.MEMBERS])
def test_change_then_remove(team: Team) -> None:
    """An author alone changes a note in place, sees what changed, and takes it back."""
    team.alone()
    client = team.client("editor")
    page = submit(client, team.path("/notes/new"), headline="A first sentense.", occurred_on="May 2019")
    with team.look():
        address = team.path(f"/history/{team.entry('A first').public_id}")
    page = submit(client, address + "/edit", headline="A first sentence.")
    assert page.heading == "A first sentence."
    assert "A first sentense." in page.select_one(".revisions").get_text()
    assert "A first sentense." in visit(client, team.path("/changes")).text
    assert client.post(address + "/remove").status_code == 302
    assert visit(client, address, status=410).heading == "You removed this entry"


def test_who_may_do_what(team: Team) -> None:
    """Readers read; editors correct; leads redact; nobody changes what others could see."""
    with team.act():
        note = team.note("Plain.", by="lead").public_id
    acts = {"edit": 302, "correct": 200, "visibility": 200, "sources/new": 200}
    for act, status in acts.items():
        path = team.path(f"/history/{note}/{act}")
        assert team.client("editor").get(path).status_code == status, act
        for who in ("reader", "viewer"):
            assert team.client(who).get(path).status_code == 403, (who, act)
    assert team.client("editor").get(team.path(f"/history/{note}/redact")).status_code == 403
    assert team.client("lead").get(team.path(f"/history/{note}/redact")).status_code == 200
    assert team.client("editor").post(team.path(f"/history/{note}/remove")).status_code == 409


def test_a_form_alone_for_htmx(team: Team) -> None:
    """htmx gets the form and nothing around it; after saving it is sent to the whole page."""
    client = team.client("editor")
    part = client.get(team.path("/notes/new"), headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<form" in part and "<html" not in part
    data = {"headline": "From the block.", "occurred_on": "2019", "visibility": "members", "source-kind": "press",
            "second_source-kind": "press"}  # fmt: skip
    wrong = client.post(team.path("/notes/new"), headers={"HX-Request": "true"}, data={**data, "headline": ""})
    assert wrong.status_code == 422 and "<html" not in wrong.get_data(as_text=True)
    saved = client.post(team.path("/notes/new"), headers={"HX-Request": "true"}, data=data)
    assert saved.headers["HX-Redirect"]


def test_one_more_source_and_other_readers(team: Team) -> None:
    """A source may be added in the open; an entry may be shown to fewer."""
    with team.act():
        address = team.path(f"/history/{team.note('Plain.').public_id}")
    client = team.client("editor")
    page = submit(client, address + "/sources/new", **{"source-quotation": "We refuse."}, status=422)
    assert "Say where this is from" in page.select_one("#source-citation-error").get_text()
    page = submit(client, address + "/sources/new", **{"source-citation": "Reuters, 25 May 2019"})
    assert "Reuters, 25 May 2019" in page.select_one(".sources").get_text()
    page = submit(client, address + "/visibility", visibility="members")
    assert "Changed who may read it." in page.text
    assert team.client("viewer").get(address).status_code == 404
