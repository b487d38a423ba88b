"""Who may read an entry: the same answer as the table of product.md, however the parts are mixed."""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.happenings import PEOPLE, Team
from tracker.accounts.models import Role
from tracker.db import db
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import HistoryFilter, entries_visible_to, history
from tracker.timeline.tallies import tally_of

TODAY = dt.date(2026, 11, 23)
MEMBERS = {"editor", "lead", "reader"}


def may_read(who: str | None, to: To, author: str, named: set[str], public_from: dt.date | None) -> bool:
    """The table, written down a second time and more slowly."""
    is_open = public_from is None or public_from <= TODAY
    if who is None:
        return to is To.PUBLIC and is_open
    inside = who in MEMBERS or PEOPLE[who][0] is Role.ADMINISTRATOR
    match to:
        case To.PUBLIC | To.SIGNED_IN:
            return inside or is_open
        case To.MEMBERS | To.NOT_FOR_ATTRIBUTION:
            return inside
        case To.OFF_THE_RECORD:
            return who == author or who in named


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    to=st.sampled_from(To),
    author=st.sampled_from(["editor", "lead"]),
    named=st.sets(st.sampled_from(sorted(PEOPLE)), max_size=2),
    days=st.one_of(st.none(), st.integers(-2, 2)),
)
def test_visibility_never_widens(team: Team, to: To, author: str, named: set[str], days: int | None) -> None:
    """Whoever reads an entry, in a list, by a filter or as a count, is somebody the table lets read it."""
    public_from = None if days is None else TODAY + dt.timedelta(days=days)
    with team.act():
        for earlier in db.session.scalars(db.select(TimelineEntry)):
            db.session.delete(earlier)  # of the example before
        team.note("Something.", visibility=to, by=author, readers=tuple(named), public_from=public_from)
    with team.look():
        for who in (*PEOPLE, None):
            account = team.account(who) if who else None
            wanted = may_read(who, to, author, named, public_from)
            listed = db.session.scalars(db.select(TimelineEntry).where(entries_visible_to(account, today=TODAY))).all()
            assert bool(listed) is wanted, (who, to)
            found = db.session.scalars(
                history([team.campaign_id], account, HistoryFilter(text="something"), today=TODAY)
            ).all()
            assert bool(found) is wanted, (who, to)
            seen = entries_visible_to(account, today=TODAY)
            assert bool(tally_of([team.campaign_id], seen).kinds) is wanted, (who, to)
