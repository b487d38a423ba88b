"""Searching everything: found by words, shown with its place, and never what the reader may not read."""

from __future__ import annotations

import pytest
from bs4 import Tag

from tests.support.happenings import PEOPLE, Team
from tests.support.pages import Page, visit
from tracker.campaigns.models import Issue, Visibility
from tracker.companies.service import find_or_add_organisation
from tracker.db import db
from tracker.engagements.service import Said, record_statement
from tracker.resolutions.models import Resolution
from tracker.timeline.models import EntryKind, Source
from tracker.timeline.models import EntryVisibility as To

EVERYBODY = tuple(PEOPLE)
MEMBERS = ("editor", "lead", "reader", "administrator")


def lines(page: Page) -> list[tuple[str, str]]:
    """Kind and heading of each result."""
    found = []
    for line in page.select(".result"):
        kind, heading = line.select_one(".result-kind .state"), line.select_one("h3")
        assert isinstance(kind, Tag) and isinstance(heading, Tag)
        found.append((kind.get_text(strip=True), heading.get_text().strip()))
    return found


@pytest.fixture
def everything(team: Team) -> Team:
    """A record of each kind with the word quokka."""
    with team.act() as now:
        campaign = team.campaign
        campaign.summary = "About a quokka."
        team.demand(1).detail = "No quokka."
        campaign.issues.append(Issue(slug="quokkas", name="Quokkas"))
        find_or_add_organisation("Friends of the Quokka", now=now)
        db.session.flush()
        source = Source(citation="The Quokka Times", url="https://example.org/q", recorded_at=now)
        team.note("A quokka was seen.", sources=[source])
        record_statement(
            campaign,
            Said(target=team.demand().target, quotation="There is no <quokka>."),
            team.told(),
            actor=team.account("editor"),
            now=now,
        )
        filed = team.note("A resolution was filed.", kind=EntryKind.RESOLUTION, record_type="resolution")
        db.session.add(
            Resolution(
                campaign_id=campaign.id, company_id=team.company_id, entry=filed, title="On quokkas", recorded_at=now
            )
        )
    return team


@pytest.mark.each_database
def test_every_kind_is_found_and_shown(everything: Team) -> None:
    """With its kind, its place, its date, and the word marked; tabs count each kind and lead to it."""
    page = visit(everything.client("viewer"), "/search?q=quokka")
    assert {kind for kind, _heading in lines(page)} == {
        "Campaign", "Ask", "Statement", "Resolution", "Entry", "Source", "Organisation", "Issue",
    }  # fmt: skip
    assert lines(page)[0][0] in ("Organisation", "Issue"), "a name weighs more than words further down"
    assert "<mark>quokka</mark>" in page.html and "<quokka>" not in page.html
    assert "&lt;<mark>quokka</mark>&gt;" in page.html
    assert "in Shareholders to Amazon: Rekognition" in page.text and "22 May 2019" in page.text
    sources = visit(everything.client("viewer"), page.link("Sources 1"))
    assert lines(sources) == [("Source", "The Quokka Times")]
    for line in page.select(".result h3 a"):
        assert everything.client("viewer").get(str(line["href"])).status_code == 200


@pytest.mark.each_database
@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ('"shareholder proposal"', {"Resolution"}),
        ("shareholder proposal", {"Resolution"}),
        ("quokka -times -seen -friends -issue", {"Campaign", "Ask", "Statement", "Resolution", "Issue"}),
        ('"quokka was seen"', {"Entry"}),
        ('"was quokka seen"', set()),
        ("QUOKKÁ times", {"Source"}),
        ("amazon quokkas title", set()),
        ("amazon seen", {"Entry"}),
        ("rekognition filed", {"Resolution"}),
    ],
)
def test_words_phrases_and_exclusions(everything: Team, query: str, kinds: set[str]) -> None:
    """Every word must be there or in the name of what it belongs to; the SEC's word finds ours."""
    found = {kind for kind, _heading in lines(visit(everything.client("viewer"), f"/search?q={query}"))}
    assert found - {"Company"} == kinds


def test_a_mistyped_word_is_found_and_said(everything: Team) -> None:
    """In the search of everything and in the list of campaigns."""
    client = everything.client("viewer")
    page = visit(client, "/search?q=quoka")
    assert "Nothing has the words “quoka”. Shown is what has “quokka”." in page.text
    assert len(lines(page)) == 8
    page = visit(client, "/campaigns?q=rekogniton+amazno")
    assert "Shown is what has “rekognition amazon”." in page.text
    assert page.select(".record h3")


def test_nothing_found_says_what_to_try(everything: Team) -> None:
    """And an empty question teaches."""
    client = everything.client("viewer")
    assert "Take the rarest away" in visit(client, "/search?q=xylophone").text
    assert "What do you look for?" in visit(client, "/search").text
    assert "None of this kind" in visit(client, "/search?q=seen&kind=company").text
    assert visit(client, "/search?q=seen&page=999&sort=bogus&kind=bogus").select(".result")
    assert visit(client, "/search?q=%22%22+-+%25").status == 200


def plant(team: Team, word: str, visibility: To, **columns: object) -> None:
    """A word in an entry of this visibility and in its source, quotation and statement."""
    with team.act() as now:
        source = Source(citation=f"{word} source", quotation=f"{word} quotation", recorded_at=now)
        team.note(f"{word} headline", visibility=visibility, words=f"{word} words", sources=[source], **columns)
        record_statement(
            team.campaign,
            Said(target=team.demand().target, quotation=f"{word} statement", speaker=word),
            team.told(visibility=visibility),
            actor=team.account("editor"),
            now=now,
        )


@pytest.mark.each_database
@pytest.mark.parametrize("campaign_visibility", [Visibility.PUBLIC, Visibility.MEMBERS], indirect=True)
def test_nothing_leaks(team: Team) -> None:
    """Each role searches for words planted where some may not read: no hit, no count, no guess, no snippet."""
    is_open = team_is_open(team)
    plant(team, "wallaroo", To.PUBLIC)
    plant(team, "bandicoot", To.MEMBERS)
    plant(team, "pademelon", To.NOT_FOR_ATTRIBUTION)
    plant(team, "antechinus", To.OFF_THE_RECORD)
    may_find = {
        "wallaroo": EVERYBODY if is_open else MEMBERS,
        "bandicoot": MEMBERS,
        "pademelon": (),
        "antechinus": (),
        # the title and an ask
        "rekognition": EVERYBODY if is_open else MEMBERS,
        "governments": EVERYBODY if is_open else MEMBERS,
    }
    for who in EVERYBODY:
        client = team.client(who)
        for word, finders in may_find.items():
            typed = (word, word[:3] + "x" + word[4:])
            for query in typed:
                for address in ("/search", "/campaigns"):
                    page = client.get(address, query_string={"q": query}).get_data(as_text=True)
                    shown = page.replace(f"“{query}”", "").replace(f'value="{query}"', "").replace(f"{query} ·", "")
                    shown = shown.replace(query.replace('"', "&#34;"), "")
                    if who not in finders:
                        assert word not in shown, f"{who} learned {word} at {address}?q={query}"
                        assert 'class="result"' not in page, f"{who}, {address}?q={query}"
            hits = lines(visit(client, f"/search?q={word}"))
            assert bool(hits) is (who in finders), f"{who}: {word}"


def team_is_open(team: Team) -> bool:
    with team.look():
        return team.campaign.visibility is Visibility.PUBLIC


@pytest.fixture
def campaign_visibility(request: pytest.FixtureRequest) -> Visibility:
    """Public, unless the test says otherwise."""
    found: Visibility = getattr(request, "param", Visibility.PUBLIC)
    return found


def test_an_entry_not_yet_open_is_found_by_members_only(team: Team) -> None:
    """`public_from` holds for searching as it does for reading."""
    import datetime as dt

    plant(team, "bilby", To.PUBLIC, public_from=dt.date(2100, 1, 1))
    assert lines(visit(team.client("reader"), "/search?q=bilby+headline"))
    assert [kind for kind, _h in lines(visit(team.client("viewer"), "/search?q=bilby"))] == ["Statement"]


def test_a_source_is_found_through_what_its_reader_may_read(team: Team) -> None:
    """A source that two entries cite leads to the one that this reader may open."""
    with team.act() as now:
        source = Source(citation="The Numbat Report", recorded_at=now)
        team.note("Open.", sources=[source])
        team.note("Closed.", visibility=To.MEMBERS, sources=[source], on=now.date())
    with team.look():
        addresses = {who: team.path(f"/history/{team.entry(words).public_id}") for who, words in
                     (("viewer", "Open"), ("reader", "Closed"))}  # fmt: skip
    for who, address in addresses.items():
        page = visit(team.client(who), "/search?q=numbat&kind=source")
        assert str(page.select_one(".result h3 a")["href"]) == address


def test_searching_needs_few_queries(everything: Team) -> None:
    """However many kinds are found."""
    assert len(visit(everything.client("viewer"), "/search?q=quokka", queries=30).queries) <= 30
