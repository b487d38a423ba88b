"""The index says what the records say, from the commit that changes them; and keeps nothing that is gone."""

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.happenings import Team
from tracker import clock
from tracker.campaigns.models import Campaign, Demand
from tracker.companies.models import Company, CompanyName
from tracker.db import db, transaction
from tracker.engagements.service import Said, record_statement
from tracker.finding.documents import find_documents
from tracker.search import rebuilding
from tracker.search.models import SearchDocument, SearchPosting, SearchWord
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.models import Source, TimelineEntry
from tracker.timeline.service import change_visibility, redact_entry

pytestmark = pytest.mark.each_database


def kinds(team: Team, query: str, who: str = "editor") -> list[str]:
    """What this person finds, without any guess at what may have been meant."""
    with team.look():
        found = find_documents(
            query, team.account(who), today=clock.now().date(), kind="", sort="best", page=1, per_page=50
        )
        return [] if found.instead_of else [hit.kind for hit in found.hits]


def test_a_change_is_found_at_once_and_the_old_words_no_longer(team: Team) -> None:
    """Of the row itself, of a row whose words are found with another, and when a row is removed."""
    assert kinds(team, "commission study") == ["ask"]
    with team.act():
        team.demand(2).words = "Publish a quokka"
    assert (kinds(team, "commission"), kinds(team, "quokka")) == ([], ["ask"])
    with team.act() as now:
        team.demand(2).deleted_at = now
    assert kinds(team, "quokka") == []
    with team.act():
        company = db.session.get_one(Company, team.company_id)
        company.names.append(CompanyName(name="Cadabra"))
    assert kinds(team, "cadabra") == ["company"]
    with team.act():
        company = db.session.get_one(Company, team.company_id)
        company.names.clear()
    assert kinds(team, "cadabra") == []


def test_a_record_is_found_by_its_entry(team: Team) -> None:
    """What a target said is found as a statement, by speaker and words; and no longer where it is told anew."""
    with team.act() as now:
        record_statement(
            team.campaign,
            Said(target=team.demand().target, speaker="Andy Example", quotation="We see no quokka."),
            team.told(),
            actor=team.account("editor"),
            now=now,
        )
    assert kinds(team, '"no quokka"') == kinds(team, "andy example") == ["statement"]


def test_what_is_told_in_confidence_is_not_in_the_index(team: Team) -> None:
    """Not even for those who may read it; and it leaves the index when it becomes so."""
    for visibility in (To.OFF_THE_RECORD, To.NOT_FOR_ATTRIBUTION):
        with team.act():
            team.note("The wombat told us.", visibility=visibility)
    with team.act():
        team.note("The quokka told us.", visibility=To.MEMBERS)
    assert (kinds(team, "wombat"), kinds(team, "quokka")) == ([], ["entry"])
    with team.look():
        assert db.session.scalar(sa.select(SearchPosting.word).where(SearchPosting.word == "wombat")) is None
    with team.act() as now:
        entry = team.entry("The quokka")
        change_visibility(entry, To.OFF_THE_RECORD, actor=team.account("editor"), now=now)
    with team.look():
        assert db.session.scalar(sa.select(SearchPosting.word).where(SearchPosting.word == "quokka")) is None
        assert db.session.scalar(sa.select(SearchWord.word).where(SearchWord.word == "quokka")) is None
        assert db.session.scalar(sa.select(SearchWord.word).where(SearchWord.word == "rekognition")) == "rekognition"


def test_redaction_takes_the_words_out_in_the_same_transaction(team: Team) -> None:
    """Document, postings and the word itself; and when the redaction is not committed, all of it stays."""
    with team.act() as now:
        source = Source(citation="A letter about the quokka", recorded_at=now)
        team.note("The quokka told us.", sources=[source])
    with pytest.raises(RuntimeError, match="no"), team.act() as now:
        redact_entry(team.entry("The quokka"), reason="a name", actor=None, now=now)
        db.session.flush()
        raise RuntimeError("no")
    assert sorted(kinds(team, "quokka")) == ["entry", "source"]
    with team.act() as now:
        entry = team.entry("The quokka")
        redact_entry(entry, reason="a name", actor=None, now=now, sources=entry.sources)
    assert kinds(team, "quokka") == []
    with team.look():
        for table in (SearchDocument, SearchPosting, SearchWord):
            column = SearchDocument.text if table is SearchDocument else table.word
            assert db.session.scalar(sa.select(sa.func.count()).where(column.contains("quokka"))) == 0


def test_the_index_is_made_anew(team: Team) -> None:
    """After changes that went past it: what is missing, wrong or without a record is counted, and mended."""
    with team.look():
        assert rebuilding.untrue() == 0
    with team.act() as now:
        db.session.execute(sa.update(Demand).values(words="A quokka"))
        team.note("Somebody said a numbat.")
    with team.act():
        db.session.execute(sa.delete(SearchDocument).where(SearchDocument.record_type == "company"))
        db.session.execute(sa.update(TimelineEntry).values(deleted_at=now))
    assert kinds(team, "quokka") == []
    with team.look():
        assert rebuilding.untrue() == 4  # two asks, a company, an entry
        assert not rebuilding.is_current()
        assert rebuilding.rebuild(now=clock.now()) == 4
        assert rebuilding.untrue() == 0 and rebuilding.is_current()
        assert rebuilding.rebuild(now=clock.now()) == 0
    assert kinds(team, "quokka") == ["ask", "ask"]
    assert kinds(team, "numbat") == []


def test_a_campaign_that_goes_takes_its_documents_along(team: Team) -> None:
    """In the bin nothing of it is found; what is destroyed leaves nothing behind."""
    with team.act() as now:
        team.note("The quokka told us.")
    with team.act() as now:
        team.campaign.deleted_at = now
    assert kinds(team, "quokka") == kinds(team, "rekognition") == []
    with team.act():
        team.campaign.deleted_at = None
    assert kinds(team, "quokka") == ["entry"]


def test_an_unchanged_row_writes_nothing(app: Flask, team: Team) -> None:
    """Saving a campaign whose words are the same leaves its document as it was."""
    with team.look():
        before = db.session.scalar(sa.select(SearchDocument.id).where(SearchDocument.record_type == "campaign"))
    with team.act() as now:
        db.session.get_one(Campaign, team.campaign_id).changed_at = now
    with team.look():
        after = db.session.scalar(sa.select(SearchDocument.id).where(SearchDocument.record_type == "campaign"))
    assert before == after is not None


def test_a_savepoint_undone_is_not_found(team: Team) -> None:
    """What was taken back inside a transaction is not in the index when the rest commits."""
    with team.look(), transaction():
        team.note("A numbat.")
        savepoint = db.session.begin_nested()
        team.note("A quokka.")
        savepoint.rollback()
    assert (kinds(team, "quokka"), kinds(team, "numbat")) == ([], ["entry"])
