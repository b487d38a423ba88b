"""Sizes as reported: dated, qualified, sourced; the one printed first by the rule of product.md."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask, render_template_string

from tests.signatures.conftest import NOW, campaign, source
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import Precision, db, transaction
from tracker.signatures import queries, service
from tracker.signatures.models import Appearance, Qualifier, ReportedCount
from tracker.signatures.people import Person
from tracker.signatures.service import SignatureError, SizeClaim
from tracker.timeline.models import EntryKind, EntryVisibility, Source, SourceKind
from tracker.timeline.queries import entries_visible_to
from tracker.timeline.service import Told, amend
from tracker.web.dates import UncertainDate, read_uncertain_date


@pytest.fixture
def letter(context: Flask) -> Campaign:
    with transaction():
        return campaign(protected=True)


def report(
    letter: Campaign,
    actor: Account,
    qualifier: Qualifier,
    value: int,
    as_of: str,
    *sources: Source,
    visibility: EntryVisibility = EntryVisibility.PUBLIC,
    public_from: dt.date | None = None,
) -> ReportedCount:
    on: UncertainDate = read_uncertain_date(as_of)
    told = Told(
        occurred_on=on.date,
        precision=on.precision,
        visibility=visibility,
        sources=sources,
        public_from=public_from,
    )
    with transaction():
        return service.record_reported_count(
            letter, SizeClaim(qualifier, value, "employees", on), told, actor=actor, now=NOW
        )


def test_the_size_of_the_employees_campaign(letter: Campaign, organiser: Account) -> None:
    """Over 100, over 450, about 500: three dated claims side by side, and the last is printed with its date."""
    report(letter, organiser, Qualifier.MORE_THAN, 100, "June 2018", source("a", "Insider"), source("b", "Trends"))
    report(letter, organiser, Qualifier.MORE_THAN, 450, "2018-10-16", source("c", "Medium", SourceKind.PRIMARY))
    last = report(letter, organiser, Qualifier.ABOUT, 500, "July 2019", source("d", "BuzzFeed"), source("e", "Insider"))
    assert queries.headline_size(letter) == last
    assert last.entry.headline == "About 500 employees, July 2019"
    assert (last.entry.kind, last.entry.record_type) == (EntryKind.REPORTED_COUNT, "reported_count")
    assert (last.entry.occurred_on, last.entry.occurred_precision) == (dt.date(2019, 7, 1), Precision.MONTH)
    assert [count.value for count in queries.reported_counts([letter.id])] == [500, 450, 100]
    with transaction():
        for number in range(12):
            service.add_signatory(
                letter, Person(f"P {number}"), appearance=Appearance.COUNTED, actor=organiser, now=NOW
            )
    template = "{% from 'components/headline_number.html' import headline_line %}{{ headline_line(size, counts) }}"
    line = render_template_string(template, size=last, counts=queries.counts(letter))
    for mark in ('<span class="nums">', "</span>", '<time datetime="2019-07">', "</time>"):
        line = line.replace(mark, "")
    assert line == "about 500 employees, reported July 2019; 12 signed here"


@pytest.mark.each_database
def test_well_sourced_comes_before_newer(context: Flask, database_kind: str) -> None:
    """A claim of one paper leads only until there is one with a primary source or two publishers."""
    from tests.signatures.conftest import account

    with transaction():
        letter, other, me = campaign(), campaign("other"), account("me")
    weak = report(letter, me, Qualifier.AT_LEAST, 900, "2020", source("x", "Daily"), source("y", " daily "))
    assert queries.headline_size(letter) == weak
    two = report(letter, me, Qualifier.EXACTLY, 500, "2018-06-02", source("a", "Insider"), source("b", "Trends"))
    assert queries.headline_size(letter) == two
    primary = report(letter, me, Qualifier.EXACTLY, 300, "2018-06-03", source("c", "", SourceKind.PRIMARY))
    assert queries.headline_size(letter) == primary, "a size may fall"
    report(other, me, Qualifier.ABOUT, 5, "2017", source("d"))
    found = queries.headline_sizes([letter.id, other.id])
    assert {key: count.value for key, count in found.items()} == {letter.id: 300, other.id: 5}


def test_a_claim_for_some_is_no_claim_for_all(letter: Campaign, organiser: Account) -> None:
    """What only members may read, or outsiders only later, is not printed for everybody."""
    report(letter, organiser, Qualifier.ABOUT, 700, "2020", source("a"), visibility=EntryVisibility.MEMBERS)
    report(letter, organiser, Qualifier.ABOUT, 800, "2021", source("b"), public_from=dt.date(2030, 1, 1))
    assert queries.headline_size(letter) is None
    with transaction():
        from tests.signatures.conftest import join
        from tracker.accounts.models import Membership

        join(letter, (organiser, Membership.LEAD))
    seen = entries_visible_to(organiser, today=NOW.date())
    found = queries.headline_size(letter, seen)
    assert found is not None and found.value == 800


def test_what_is_told_anew_or_redacted_leads_no_more(letter: Campaign, organiser: Account) -> None:
    """A corrected claim gives way to its correction, a redacted one to the claim before it."""
    first = report(letter, organiser, Qualifier.ABOUT, 100, "2018", source("a"))
    wrong = report(letter, organiser, Qualifier.ABOUT, 5000, "2019", source("b"))
    with transaction():
        wrong.entry.exposed_at = NOW
        told = amend(wrong.entry, Told(wrong.as_of_on, EntryVisibility.PUBLIC), reason="typo", actor=organiser, now=NOW)
        right = service.record_reported_count(
            letter,
            SizeClaim(Qualifier.ABOUT, 500, "employees", UncertainDate(dt.date(2019, 1, 1), Precision.YEAR)),
            told,
            actor=organiser,
            now=NOW,
        )
    assert queries.headline_size(letter) == right
    assert [count.value for count in queries.reported_counts([letter.id])] == [500, 100]
    with transaction():
        right.entry.redacted_at = NOW
    assert queries.headline_size(letter) == first


def test_a_claim_needs_a_source_and_a_number(letter: Campaign, organiser: Account) -> None:
    """Nobody's claim is no claim, and less than nobody is no number."""
    with pytest.raises(SignatureError) as refused:
        report(letter, organiser, Qualifier.ABOUT, 5, "2018")
    assert refused.value.field == "source"
    with pytest.raises(SignatureError):
        report(letter, organiser, Qualifier.ABOUT, -5, "2018", source("a"))
    assert db.session.query(ReportedCount).count() == 0
