"""Set a field of a company or organisation back to what it was: an edit like any other, through the same rules."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from tracker.accounts.models import Account
from tracker.companies.models import Company, CompanyName, Organisation, OrganisationKind
from tracker.companies.service import (
    CompanyError,
    add_company_name,
    edit_company,
    edit_organisation,
    remove_company_name,
)
from tracker.search_text import normalise
from tracker.timeline.editing import as_words, refuse_stale
from tracker.timeline.models import Revision
from tracker.words import _

COMPANY, ORGANISATION = Company.__tablename__, Organisation.__tablename__
RESTORED: dict[str, frozenset[str]] = {
    COMPANY: frozenset({"name", "ticker", "cik", "sector", "country", "names"}),
    ORGANISATION: frozenset({"name", "kind", "country", "custodian"}),
}
# A name it has borne, as `CompanyName.as_words` writes it into a Revision, or wrote it: `Facebook ( – 2021-10-28)`.
_DAY = r"\d{4}-\d\d-\d\d"
_BORNE = re.compile(
    rf"(?P<name>.*?)(?: \((?:since (?P<since>{_DAY})|until (?P<until>{_DAY})"
    rf"|(?P<from_on>{_DAY})? – (?P<to_on>{_DAY})?)\))?",
    re.DOTALL,
)


def may_be_restored(revision: Revision) -> bool:
    """Whether the change is of a field that people edit; of a name of theirs, that there was one before."""
    if revision.is_sealed or revision.field not in RESTORED.get(revision.record_type, ()):
        return False
    return revision.field != "name" or bool(revision.old_value)


def words_now(revision: Revision, record: Company | Organisation) -> str:
    """What the field holds at present, as a Revision keeps it; of names a company has borne, the one changed."""
    if revision.field != "names":
        return as_words(getattr(record, revision.field)) or ""
    assert isinstance(record, Company)
    changed, _on, _until = _borne(revision.new_value or revision.old_value or "")
    known = _known(record, changed)
    return known.as_words if known else ""


def restore_company(
    revision: Revision, company: Company, *, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Set the field back; that leaves a Revision of its own. Raises Stale, or CompanyError when it cannot be any more.

    A name that is set back was a mistake: it is not kept among the names the company has borne, as a renaming keeps it.
    """
    if not may_be_restored(revision):
        raise CompanyError(_("This cannot be set back; change it where it stands."))
    if revision.field == "names":
        refuse_stale(company, seen)
        _restore_names(revision, company, actor, now)
        return
    mistaken = company.name
    values = {"name": company.name, "cik": company.cik, **_value(revision)}
    edit_company(company, values, seen=seen, actor=actor, now=now)
    if revision.field == "name":
        for name in (mistaken, company.name):
            known = _known(company, name)
            if known is not None and not (known.from_on or known.to_on):
                company.names.remove(known)


def restore_organisation(
    revision: Revision, organisation: Organisation, *, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """The same for an organisation."""
    if not may_be_restored(revision):
        raise CompanyError(_("This cannot be set back; change it where it stands."))
    values = {"name": organisation.name, **_value(revision)}
    edit_organisation(organisation, values, seen=seen, actor=actor, now=now)


def _value(revision: Revision) -> dict[str, Any]:
    words = revision.old_value
    if revision.field == "kind":
        return {"kind": OrganisationKind(words) if words else OrganisationKind.OTHER}
    return {revision.field: words if revision.field == "cik" else words or ""}


def _restore_names(revision: Revision, company: Company, actor: Account, now: dt.datetime) -> None:
    """A name that was added goes again, one that was taken away comes back with its dates."""
    if revision.old_value is None:
        name, _on, _until = _borne(revision.new_value or "")
        if known := _known(company, name):
            remove_company_name(company, known.id, actor=actor, now=now)
        return
    name, from_on, to_on = _borne(revision.old_value)
    add_company_name(company, name, from_on=from_on, to_on=to_on, actor=actor, now=now)


def _known(company: Company, name: str) -> CompanyName | None:
    return next((known for known in company.names if normalise(known.name) == normalise(name)), None)


def _borne(words: str) -> tuple[str, dt.date | None, dt.date | None]:
    found = _BORNE.fullmatch(words)
    assert found
    days = (found["from_on"] or found["since"], found["to_on"] or found["until"])
    from_on, to_on = (dt.date.fromisoformat(day) if day else None for day in days)
    return found["name"], from_on, to_on
