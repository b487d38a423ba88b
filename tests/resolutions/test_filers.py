"""Who files: an organisation files a resolution once, under however many names it was entered."""

from tests.resolutions.test_resolutions import filed, found
from tests.support.happenings import Team
from tests.support.pages import Page, visit
from tracker.companies.merges import OrganisationMerge
from tracker.companies.merging import merge_organisations, part_organisations
from tracker.companies.service import find_or_add_organisation
from tracker.db import db
from tracker.resolutions.models import FilerRole
from tracker.resolutions.service.filers import join, lead_filer


def filers(page: Page) -> list[tuple[str, str]]:
    """Names and parts, as the page of a resolution shows them."""
    rows = page.select("li.filer")
    return [(row.select_one("a").get_text(), row.select_one(".filer-foot span").get_text()) for row in rows]


def test_found_to_be_one_it_files_once(team: Team) -> None:
    """Two names of one organisation filed one resolution: it stands there once, as what leads, under the name that
    stays; on its own page too; parted, each files again; taken out, it is out with both rows."""
    client, public_id = team.client("editor"), filed(team, lead="Sisters of Mercy, Inc.")
    path = team.path(f"/resolutions/{public_id}")

    def merge() -> int:
        with team.act() as now:
            kept = find_or_add_organisation("Sisters of Mercy", now=now)
            leads = lead_filer(found(public_id))
            assert leads is not None
            (made,) = merge_organisations(kept, [leads.organisation], actor=team.account("lead"), now=now)
            return made.id

    with team.act() as now:
        join(found(public_id), find_or_add_organisation("Sisters of Mercy", now=now), FilerRole.CO_FILER, now)
    merged = merge()
    assert filers(visit(client, path)) == [("Sisters of Mercy", "lead filer")]
    assert "1 filer" in visit(client, team.path()).text
    own = visit(client, "/organisations/sisters-of-mercy").text
    assert own.count("Lead filer") == 1 and "Co-filer" not in own
    with team.act() as now:
        part_organisations(db.session.get_one(OrganisationMerge, merged), actor=team.account("lead"), now=now)
    assert [role for _name, role in filers(visit(client, path))] == ["lead filer", "co-filer"]
    merge()
    page = visit(client, path)
    answer = client.post(str(page.select_one("li.filer form")["action"]))
    assert answer.status_code == 302 and filers(visit(client, path)) == []
