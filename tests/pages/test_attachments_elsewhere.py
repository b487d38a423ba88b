"""Files beside what else happens to a campaign: merged, looked back at, a form sent twice."""

import datetime as dt
import subprocess
import sys

import sqlalchemy as sa

from tests.house.laws import ROOT
from tests.support.attaching import WORDS, add, text, upload
from tests.support.happenings import Team
from tests.support.pages import visit
from tracker.campaigns.models import Campaign, CampaignKind, Visibility
from tracker.campaigns.service import merge_campaigns
from tracker.db import db
from tracker.timeline.models import Attachment


def names(page: str, team: Team, who: str = "reader") -> list[str]:
    """The files that a history shows."""
    return [link.get_text() for link in visit(team.client(who), page).select(".files a")]


def test_files_of_a_merged_campaign(team: Team) -> None:
    """The history of what remains shows the files of what was merged into it, to strangers too."""
    with team.act() as now:
        add(team, team.note("They came."), now, is_open=True)
        other = Campaign(
            slug="remains", title="What remains", kind=CampaignKind.PUBLIC, visibility=Visibility.PUBLIC,
            link_token="remains", is_protected=False, created_at=now, changed_at=now,
        )  # fmt: skip
        db.session.add(other)
        db.session.flush()
        merge_campaigns(team.campaign, other, reason="They are one", actor=team.account("lead"), now=now)
    history = visit(team.client("reader"), "/campaigns/remains/history")
    assert team.client("reader").get(history.link("minutes.txt")).data == WORDS
    stranger = team.app.test_client()
    page = visit(stranger, "/c/remains")
    assert stranger.get(page.link("minutes.txt")).data == WORDS


def test_a_history_as_of_a_day_has_the_files_of_that_day(team: Team) -> None:
    """Looking back, only the files are there that had been added by then."""
    with team.act() as now:
        week = dt.timedelta(days=7)
        entry = team.note("They came.", now=now - 3 * week)
        add(team, entry, now - 3 * week, text("early.txt"))
        add(team, entry, now - week, text("late.txt"))
        day = (now - 2 * week).date()
    assert names(team.path("/history"), team) == ["early.txt", "late.txt"]
    assert names(team.path(f"/history?by={day}"), team) == ["early.txt"]


def test_a_form_sent_twice_adds_its_file_once(team: Team) -> None:
    """Clicked twice, a file is added once; another file under the same name is another file."""
    with team.act():
        address = team.path(f"/history/{team.note('Plain.').public_id}/files/new")
    client = team.client("editor")
    form = visit(client, address).form()
    for content in (WORDS, WORDS, b"Other words.\n"):
        client.post(address, data={**form, "files": upload("minutes.txt", content)})
    with team.look():
        assert db.session.scalars(sa.select(Attachment.size).order_by(Attachment.id)).all() == [len(WORDS), 13]


def test_the_server_loads_no_reader_of_files() -> None:
    """What reads pictures and documents is loaded by the process that needs it alone: idle memory does not grow."""
    code = "import tracker.app, tracker.pages.attachments, sys; print({'PIL', 'pypdf'} & set(sys.modules) or 'none')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"
