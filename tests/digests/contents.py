"""What digests say, made up: the plainest, one with everything in it, one of notes alone, one of too much."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from tests.support.snapshots import SITE
from tracker.db import Precision
from tracker.digests.facts import Beyond, Citation, Content, Due, Line, Quiet, Section, Share, Signed, Size, Tally
from tracker.timeline.models import EntryKind

DAY = dt.date(2026, 11, 23)


def line(headline: str, kind: EntryKind = EntryKind.STATEMENT, **columns: object) -> Line:
    return Line(
        **{
            "kind": kind,
            "headline": headline,
            "occurred_on": dt.date(2018, 6, 21),
            "precision": Precision.DAY,
            "correction_reason": None,
            "sources": (),
            **columns,
        }  # type: ignore[arg-type]
    )


def section(**columns: object) -> Section:
    return Section(
        **{
            "campaign": "campaign-0000001",
            "title": "We won’t build it",
            "company": "Amazon.com, Inc.",
            "url": f"{SITE}/campaigns/we-wont-build-it",
            "lines": (line("Amazon refuses to answer"),),
            "more": 0,
            "history": 0,
            "restricted": 0,
            "signed": Signed(),
            "size": None,
            **columns,
        }  # type: ignore[arg-type]
    )


PLAIN = Content(
    today=DAY,
    since=None,
    next_on=DAY + dt.timedelta(days=7),
    locale="en",
    own=(),
    sections=(section(),),
    due=(),
    quiet=(),
    followed=1,
    neutral_subject=False,
    everything_at=f"{SITE}/",
)
TALLY = Tally(
    resolution="Report on the uses of face recognition",
    for_shares=94_000_000,
    against_shares=239_500_000,
    abstained_shares=8_000_000,
    broker_non_votes=70_100_000,
    share=Share(Decimal("28.19"), "for_and_against"),
)
FULL = replace(
    PLAIN,
    since=DAY - dt.timedelta(days=7),
    followed=4,
    own=(
        Due(
            "File the resolution", dt.date(2026, 12, 4), "Rekognition & its customers", f"{SITE}/campaigns/rekognition"
        ),
    ),
    sections=(
        section(
            lines=(
                line(
                    "Amazon refuses to answer the employees’ letter",
                    sources=(
                        Citation("The Guardian", "https://example.org/guardian?a=1&b=2"),
                        Citation("A letter kept by the organisers", ""),
                    ),
                ),
                line(
                    "About 450 employees had signed by October 2018",
                    EntryKind.REPORTED_COUNT,
                    occurred_on=dt.date(2018, 10, 1),
                    precision=Precision.MONTH,
                    correction_reason="the first figure was misread",
                    before="About 540 employees had signed by October 2018",
                    fell_from=Size(500, "about", "employees", dt.date(2018, 7, 1), Precision.MONTH),
                ),
            ),
            more=3,
            restricted=1,
            signed=Signed(confirmed=12, listed=500, joined=4, left=1),
            size=Size(450, "more_than", "employees", dt.date(2018, 10, 1), Precision.MONTH, "The Guardian"),
        ),
        section(
            campaign="campaign-0000002",
            title="Rekognition <& its customers>",
            url=f"{SITE}/campaigns/rekognition",
            lines=(
                line(
                    "Vote on “Report on the uses of face recognition” at Amazon.com, Inc.: 27.5 % for, abstentions "
                    "counted as against (Reuters); 28.19 % of for and against, computed from the counts.",
                    EntryKind.VOTE,
                    tally=TALLY,
                ),
                line(
                    "Ask refused: Stop selling it to police.",
                    EntryKind.OUTCOME,
                    sources=(Citation("Reuters", "https://example.org/reuters"),),
                    more_sources=2,
                    evidence="A letter of its counsel of 21 June 2018 says that the policy stands.",
                    attribution="disputed",
                ),
            ),
            signed=Signed(confirmed=120, listed=0, joined=20, is_exact=False),
        ),
        section(
            campaign="campaign-0000003",
            title="An open letter",
            company="",
            url=f"{SITE}/campaigns/open-letter",
            lines=(),
            history=14,
        ),
        section(
            campaign="campaign-0000004",
            title="No tech for the border",
            url=f"{SITE}/campaigns/border",
            lines=(),
            signed=Signed(confirmed=1340, joined=38),
        ),
    ),
    due=(Due("Annual meeting", dt.date(2026, 12, 20), "An open letter", f"{SITE}/campaigns/open-letter"),),
    quiet=(Quiet("Palantir contracts", f"{SITE}/campaigns/palantir", dt.date(2026, 8, 2)),),
)
RESTRICTED = replace(PLAIN, sections=(section(lines=(), restricted=2),))


def huge() -> Content:
    """A digest of which each part is as long as it can become."""
    words = "A sentence of a history that nobody kept short, with 漢字 and “quotes” in it; " * 8
    lines = [
        replace(FULL.sections[0].lines[0], headline=f"{number} {words}", evidence=words, tally=TALLY)
        for number in range(5)
    ]
    return replace(
        FULL,
        sections=tuple(
            replace(FULL.sections[0], campaign=f"campaign-{number:07}", title=words[:250], lines=tuple(lines), more=20)
            for number in range(40)
        ),
        due=FULL.due * 20,
        own=FULL.own * 20,
        quiet=FULL.quiet * 12,
        beyond=Beyond(campaigns=160, changes=9_000, own=3, due=4, quiet=5),
        everything_at=f"{SITE}/",
    )
