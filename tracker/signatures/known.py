"""Who in a pasted list is here already: certain by the keyed address, a proposal by the name. Nothing is merged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.companies.models import Organisation
from tracker.db import db
from tracker.sealing import CampaignKeys, campaign_keys
from tracker.search_text import normalise
from tracker.signatures.models import Signatory, SignatoryKind, SignatoryToken, Signature, SignatureStatus
from tracker.signatures.names import same_name_key, searched_words
from tracker.signatures.not_again import NOT_AGAIN, never_again
from tracker.signatures.pasting import Line, Reading
from tracker.signatures.people import chunks
from tracker.signatures.queries import newest_signature, present
from tracker.words import _


def mark_known(campaign: Campaign, lines: Sequence[Line], kind: SignatoryKind, *, now: dt.datetime) -> None:
    """Leave out the lines whose address, or organisation, is here; point at those whose name perhaps is."""
    new = [line for line in lines if line.is_new]
    keys = campaign_keys(campaign.public_id, now=now)
    _leave_out_addresses(campaign, new, keys)
    if kind is SignatoryKind.ORGANISATION:
        _leave_out_organisations(campaign, new)
        return
    for line in _with_known_names(campaign, [line for line in new if line.is_new], keys):
        line.perhaps.append(_("A signatory of this name is perhaps here already."))


def _leave_out_addresses(campaign: Campaign, lines: Sequence[Line], keys: CampaignKeys) -> None:
    by_hash = {keys.address_hash(line.address): line for line in lines if line.address}
    for some in chunks(list(by_hash)):
        found = db.session.execute(
            sa.select(Signatory.address_hash, Signature.status)
            .join(Signature.signatory)
            .where(Signatory.campaign_id == campaign.id, Signatory.address_hash.in_(some), newest_signature())
        )
        for address_hash, status in found:
            line = by_hash[address_hash or ""]
            line.reading = Reading.HERE
            line.why = (
                _("This e-mail address signed here and withdrew; only the signer can sign again.")
                if status is SignatureStatus.WITHDRAWN
                else _("This e-mail address is here already.")
            )
    for address_hash in never_again(campaign.id, by_hash):
        line = by_hash[address_hash]
        line.reading, line.why = Reading.HERE, NOT_AGAIN


def _leave_out_organisations(campaign: Campaign, lines: Sequence[Line]) -> None:
    here = set(
        db.session.scalars(
            sa.select(Organisation.search_text)
            .join(Signatory, Signatory.organisation_id == Organisation.id)
            .where(Signatory.campaign_id == campaign.id, present())
        )
    )
    seen: dict[str, int] = {}
    for line in lines:
        key = normalise(line.name)
        if key in here:
            line.reading, line.why = Reading.HERE, _("This organisation is here already.")
        elif key in seen:
            line.reading = Reading.REPEATED
            line.why = _("The same organisation stands on line %(number)d.", number=seen[key])
        else:
            seen[key] = line.number


def _with_known_names(campaign: Campaign, lines: Sequence[Line], keys: CampaignKeys) -> list[Line]:
    """The lines whose name, word for word, some signatory has. Sealed names are compared by their tokens alone."""
    plain: dict[str, list[Line]] = {}
    sealed: dict[frozenset[str], list[Line]] = {}
    for line in lines:
        if not (key := same_name_key(line.name)):
            continue
        plain.setdefault(key, []).append(line)
        sealed.setdefault(frozenset(map(keys.word_hash, searched_words(line.name))), []).append(line)
    known: list[Line] = []
    rows = db.session.scalars(
        sa.select(Signatory.name).where(Signatory.campaign_id == campaign.id, present(), Signatory.name != "")
    )
    for name in set(map(same_name_key, rows)):
        known.extend(plain.get(name, ()))
    for tokens in _token_sets(campaign):
        known.extend(sealed.pop(tokens, ()))
    return known


def _token_sets(campaign: Campaign) -> list[frozenset[str]]:
    sets: dict[int, set[str]] = {}
    rows = db.session.execute(
        sa.select(SignatoryToken.signatory_id, SignatoryToken.token)
        .join(Signatory, Signatory.id == SignatoryToken.signatory_id)
        .where(Signatory.campaign_id == campaign.id, present())
    )
    for signatory_id, token in rows:
        sets.setdefault(signatory_id, set()).add(token)
    return [frozenset(tokens) for tokens in sets.values()]
