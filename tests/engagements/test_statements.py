"""What a target said, and when it did not answer."""

from tests.support.happenings import Team
from tests.support.pages import submit, visit
from tracker.clock import now as present
from tracker.db import db
from tracker.engagements.models import Statement
from tracker.engagements.queries import statements, statements_of_company
from tracker.engagements.service import Said, record_statement
from tracker.timeline.models import EntryVisibility as To

NEW = "/campaigns/rekognition/statements/new"


def test_recorded_in_the_browser(team: Team) -> None:
    """Speaker, office, date, words, channel, demands and source make one entry that anybody can read."""
    client = team.client("editor")
    form = visit(client, NEW)
    demand = str(form.select("input[name=demands]")[0]["value"])
    page = submit(
        client,
        NEW,
        occurred_on="7 February 2019",
        quotation="We believe it is the wrong approach.",
        speaker="Michael Punke",
        office="Vice President",
        channel="website",
        demands=demand,
        **{"source-citation": "AWS blog", "source-url": "https://aws.amazon.com/blogs/"},
    )
    assert "Recorded what was said." in page.html
    with team.look():
        told = db.session.scalars(db.select(Statement)).one()
        assert told.company is not None and told.company.name == team.company_name
        assert [demand.position for demand in told.demands] == [1]
        address = team.path(f"/history/{told.entry.public_id}")
    page = visit(team.client("viewer"), address)
    assert page.heading.startswith("Michael Punke, Vice President of Amazon")
    for words in ("We believe it is the wrong approach.", "On its website", "Stop selling", "AWS blog"):
        assert words in page.text


def test_silence_is_a_statement(team: Team) -> None:
    """That it had not answered by a date is one sentence with that date, and no words."""
    submit(team.client("editor"), NEW, answered="silent", occurred_on="September 2018", quotation="left over")
    with team.look():
        told = db.session.scalars(db.select(Statement)).one()
        assert told.entry.headline == f"{team.company_name} had not answered by September 2018."
        assert (told.is_silence, told.quotation) == (True, "")


def test_nothing_is_lost_when_it_is_refused(team: Team) -> None:
    """Without words or date the form comes back as 422 with each error at its field and all that was typed."""
    page = submit(team.client("editor"), NEW, speaker="Somebody", occurred_on="soon", status=422)
    assert "Write a date like" in page.select_one("#occurred_on-error").get_text()
    assert page.select_one("#occurred_on")["value"] == "soon"
    assert page.select_one("#speaker")["value"] == "Somebody"
    page = submit(team.client("editor"), NEW, speaker="Somebody", occurred_on="2019", status=422)
    assert "Give the words" in page.select_one("#quotation-error").get_text()
    page = submit(team.client("editor"), NEW, occurred_on="2150", quotation="x", status=422)
    assert "still to come" in page.select_one("#occurred_on-error").get_text()
    with team.look():
        assert db.session.scalars(db.select(Statement)).all() == []


def test_told_anew_it_takes_the_place_of_the_first(team: Team) -> None:
    """After a correction the history keeps both, and "what did it say" only the right one."""
    with team.act() as now:
        said = Said(target=team.demand().target, quotation="We shall.")
        first = record_statement(team.campaign, said, team.told(), actor=team.account("editor"), now=now)
        address = team.path(f"/statements/{first.entry.public_id}")
    page = submit(team.client("editor"), address, quotation="We shall not.", status=422)
    assert "Why it was wrong" in page.text
    page = submit(team.client("editor"), address, quotation="We shall not.", reason="A word was missing.")
    assert "We shall not." in page.heading and "A word was missing." in page.text
    with team.look():
        today = present().date()
        stand = db.session.scalars(statements(None, today=today, campaign_ids=[team.campaign_id])).all()
        assert [statement.quotation for statement in stand] == ["We shall not."]
        assert stand[0].entry.corrects is not None
    history = visit(team.client("viewer"), team.path("/history"))
    assert len(history.select(".entry")) == 2


def test_what_a_company_said_is_for_those_who_may_read_it(team: Team) -> None:
    """The company's statements leave out what the reader may not know."""
    with team.act() as now:
        for words, visibility in (("Open.", To.PUBLIC), ("Hidden.", To.MEMBERS)):
            said = Said(target=team.demand().target, quotation=words)
            told = team.told(visibility=visibility)
            record_statement(team.campaign, said, told, actor=team.account("editor"), now=now)
        company = team.demand().target.company  # type: ignore[union-attr]
        assert company is not None
        seen = {
            who: [
                statement.quotation
                for statement in db.session.scalars(
                    statements_of_company(company, team.account(who), today=now.date(), campaign_ids=[team.campaign_id])
                )
            ]
            for who in ("viewer", "reader")
        }
        assert seen == {"viewer": ["Open."], "reader": ["Hidden.", "Open."]}
