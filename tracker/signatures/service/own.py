"""What a signer does with their own signature, by their receipt and without an account.

`row` is the row that the receipt was made for. Where it was merged into another, that one counts for it (ADR 35).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa

from tracker.campaigns.models import CampaignText
from tracker.db import db
from tracker.sealing import campaign_keys
from tracker.signatures import queries
from tracker.signatures.appearing import hides_names
from tracker.signatures.models import Appearance, Signatory, SignatoryKind, Signature, SignatureStatus
from tracker.signatures.one_person import merged_into, newest_of, who_counts
from tracker.signatures.people import Person, hold_protection, read_name, write_naming
from tracker.signatures.service.asking import CLOSED, Wish
from tracker.signatures.service.changing import change_appearance, withdraw_signature
from tracker.signatures.service.confirming import sign_for
from tracker.signatures.service.errors import SignatureError
from tracker.signatures.service.joining import let_count
from tracker.signatures.service.saving import ENDED, checked
from tracker.signatures.service.telling import revise
from tracker.signatures.signings import ASKABLE, Asked, Signing, SigningState, signing_of, state_of
from tracker.timeline.queries import day_begins
from tracker.words import _

LIVE = frozenset({SignatureStatus.PENDING, SignatureStatus.CONFIRMED, SignatureStatus.LISTED})


def newest(signatory: Signatory) -> Signature:
    """The signature that says how somebody counts and is shown."""
    return max(signatory.signatures, key=lambda one: one.id)


def moment_kept(row: Signatory, now: dt.datetime) -> dt.datetime:
    """What is kept of the moment at which a signer does something: of one who signed with a slip the day alone, in the
    history too, as the form told them."""
    return now if row.receipt_mark is None else day_begins(row.campaign.zone, now)


def text_has_changed(signature: Signature) -> bool:
    """Whether the text was changed in substance since this signature was given to it."""
    later = sa.select(CampaignText.id).where(
        CampaignText.campaign_id == signature.campaign_id, CampaignText.is_substantive
    )
    if signature.text is not None:
        later = later.where(CampaignText.number > signature.text.number)
    return db.session.scalar(later.limit(1)) is not None


def choices_of(row: Signatory) -> list[Appearance]:
    """How the signer with this row's receipt may choose to appear, most visible first."""
    shown, forbidden = newest(who_counts(row)).appearance, set()
    if row.kind is SignatoryKind.ORGANISATION:
        forbidden.add(Appearance.INITIALS)
    if hides_names(row.campaign):
        forbidden.add(Appearance.NAMED)
    if newest(row).status not in LIVE:  # signed no more itself, so that only less can be asked for what counts for it
        forbidden |= {one for one in Appearance if one.rank > shown.rank}
    return [one for one in Appearance if one not in forbidden or one is shown]


def chosen_by(row: Signatory) -> Appearance:
    """How its signer appears at most: the less of this row's own choice and of what counts for it."""
    return min(newest(who_counts(row)).appearance, newest(row).appearance, key=lambda one: one.rank)


def appear(row: Signatory, appearance: Appearance, *, wishes_updates: bool, now: dt.datetime) -> None:
    """Be shown otherwise, more or less; hear of updates or not. Raises SignatureError.

    Less goes for all that were found to be the same signer's. More is for this row alone: it counts for all from then
    on, so that its own words are shown and those of the others, who may be strangers, are not.
    """
    signature, mine, now = newest(who_counts(row)), newest(row), moment_kept(row, now)
    if signature.status not in LIVE:
        raise SignatureError(_("This signature counts no more already."))
    if appearance not in choices_of(row):
        raise SignatureError(_("Names are not shown here; choose another way to appear."), "appearance")
    asks_more = appearance.rank > chosen_by(row).rank or (wishes_updates and not signature.wishes_updates)
    if asks_more and mine.status in LIVE:
        let_count(row, now=now)
        signature = mine
    if appearance is not signature.appearance:
        change_appearance(signature, appearance, by_signer=True, actor=None, now=now)
    if wishes_updates:
        mine.wishes_updates = True
    else:
        hear_no_more(who_counts(row))


def words_offered(signatory: Signatory, person: Person, signing: Signing | None) -> list[str]:
    """What of themselves a person may change: what the form asks now, and whatever is kept."""
    if signatory.kind is not SignatoryKind.PERSON:
        return []
    asked = {name for name in ASKABLE if signing is not None and getattr(signing, name) is not Asked.HIDDEN}
    return [name for name in ASKABLE if name in asked or getattr(person, name)]


def is_needed(name: str, signing: Signing | None) -> bool:
    """Whether the organisers ask this of everybody who signs."""
    return signing is not None and getattr(signing, name) is Asked.REQUIRED


def change_words(row: Signatory, words: Mapping[str, str], *, now: dt.datetime) -> None:
    """Say something else of oneself beside the name, or nothing. `row` is the one whose receipt it is.

    Leaves revisions that say only which field changed. Raises SignatureError.
    """
    keys = campaign_keys(row.campaign.public_id, now=now)
    if not keys.can_look_up:
        raise SignatureError(ENDED)
    person = read_name(row, lambda: keys)
    said = checked(replace(person, **{name: text for name, text in words.items() if name in ASKABLE}))
    signing = signing_of(row.campaign)
    hold_protection(row.campaign)
    for name in words:
        if getattr(said, name) == getattr(person, name):
            continue
        if is_needed(name, signing) and not getattr(said, name):
            raise SignatureError(_("The organisers ask this of everybody who signs."), name)
        revise(row, name, None, moment_kept(row, now))
    write_naming(row, said, campaign=row.campaign, keys=keys)


def hear_no_more(signatory: Signatory) -> None:
    """No news from here on, through whichever row this signer was reached."""
    for row in (signatory, *merged_into(signatory)):
        if (signature := newest_of(row)) is not None:
            signature.wishes_updates = False


def is_live(row: Signatory) -> bool:
    """Whether its signer signs still, and by this row."""
    return newest(who_counts(row)).status in LIVE and newest(row).status in LIVE


def hears(row: Signatory) -> bool:
    """Whether this signer hears of news, through whichever row."""
    rows = (who_counts(row), *merged_into(who_counts(row)))
    return any(one.wishes_updates for each in rows if (one := newest_of(each)) is not None)


def hear_again(row: Signatory) -> bool:
    """News again, by the row whose mail it was; not to who signs no more. Whether it could be done."""
    if not is_live(row):
        return False
    newest(row).wishes_updates = True
    return True


def withdraw(row: Signatory, *, now: dt.datetime) -> None:
    """Take the signature back, and all that were found to be the same signer's. Doing it twice is once."""
    signature = newest(who_counts(row))
    if signature.status is SignatureStatus.WITHDRAWN:
        return
    withdraw_signature(signature, reason="", actor=None, now=moment_kept(row, now))


def is_asked_again(row: Signatory) -> bool:
    """Whether its signer is offered to sign again: after a withdrawal, or when the text was changed in substance."""
    return not _is_invalid(row) and (_is_withdrawn(row) or text_has_changed(newest(who_counts(row))))


def _is_invalid(row: Signatory) -> bool:
    return SignatureStatus.INVALIDATED in (newest(who_counts(row)).status, newest(row).status)


def _is_withdrawn(row: Signatory) -> bool:
    return SignatureStatus.WITHDRAWN in (newest(who_counts(row)).status, newest(row).status)


def sign_again(row: Signatory, *, consent_version: str, now: dt.datetime) -> None:
    """After a withdrawal, or under a later version of the text. Raises SignatureError when signing is closed."""
    campaign, before, mine = row.campaign, newest(who_counts(row)), newest(row)
    if state_of(signing_of(campaign), campaign, now=now) is not SigningState.OPEN:
        raise SignatureError(CLOSED)
    text_id = queries.current_text_id(campaign)
    if _is_invalid(row) or not (_is_withdrawn(row) or before.text_id != text_id):
        raise SignatureError(_("There is nothing to sign again."))
    wish = Wish(
        Person(name=""),
        chosen_by(row),
        row.kind,
        wishes_updates=mine.wishes_updates,
        consent_version=consent_version,
        text_id=text_id,
    )
    sign_for(row, wish, now=moment_kept(row, now))
