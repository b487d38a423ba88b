"""What happens to a letter once it is finished. Inside the caller's transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Stage
from tracker.campaigns.queries import latest_text
from tracker.campaigns.service import change_stage
from tracker.campaigns.stages import MOVES
from tracker.db import db
from tracker.deliveries.models import Delivery, SignerUpdate, UpdateState, Way
from tracker.deliveries.queries import number_of_hearers
from tracker.signatures.queries import counts
from tracker.signatures.versions import texts_as_now, versions_of
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.queries import day_in
from tracker.timeline.service import Told, append_entry
from tracker.words import LazyString, _, gettext

LONGEST = 600  # characters of an update


class DeliveryError(Exception):
    """Something that cannot be done, in words for people."""

    def __init__(self, words: LazyString | str, field: str = "") -> None:
        super().__init__(str(words))
        self.field = field


@dataclass(frozen=True)
class Handed:
    """What somebody says of a delivery."""

    on: dt.date
    way: Way
    receiver: str
    receipt: str = ""


def record_delivery(campaign: Campaign, handed: Handed, *, actor: Account, now: dt.datetime) -> Delivery:
    """Freeze the newest text and the count: how many signed this text, and how many of them only an earlier one. Say in
    the history to whom the letter went. Raises DeliveryError.

    A campaign that gathers signatures, or a draft, is delivered from then on.
    """
    text = latest_text(campaign)
    if text is None:
        raise DeliveryError(_("There is no text yet: write what was delivered first."))
    if handed.on > day_in(campaign.zone, now):
        raise DeliveryError(_("Nothing was delivered on a day still to come."), "delivered_on")
    receiver = " ".join(handed.receiver.split())
    if not receiver:
        raise DeliveryError(_("Say to whom it was delivered: an office, a board, a company."), "receiver")
    text.frozen_at = text.frozen_at or now
    signed = counts(campaign)
    versions = versions_of(campaign, signed, texts_as_now(campaign))
    delivery = Delivery(
        campaign_id=campaign.id,
        text_id=text.id,
        delivered_on=handed.on,
        way=handed.way,
        receiver=receiver,
        receipt=handed.receipt.strip(),
        number=signed.here,
        number_earlier=versions.earlier if versions else 0,
        recorded_at=now,
        recorded_by_id=actor.id,
    )
    db.session.add(delivery)
    # To whom a letter of a protected campaign went may be known; how many had signed that day is on its page anyway.
    visibility = EntryVisibility.MEMBERS if campaign.is_protected else EntryVisibility.PUBLIC
    said = gettext("The letter was delivered to %(receiver)s.", receiver=receiver)
    if Stage.DELIVERED in MOVES[campaign.stage] and campaign.stage in (Stage.DRAFT, Stage.GATHERING):
        told = Told(handed.on, visibility=visibility, words=said)
        entry = change_stage(campaign, Stage.DELIVERED, told=told, actor=actor, now=now).entry
    else:
        entry = append_entry(
            campaign_id=campaign.id, kind=EntryKind.NOTE, headline=said, occurred_on=handed.on,
            visibility=visibility, actor=actor, now=now,
        )  # fmt: skip
    db.session.flush()
    delivery.entry_id = entry.id
    return delivery


def add_receipt(delivery: Delivery, receipt: str) -> None:
    """What came back later: who took it, when, under which number."""
    delivery.receipt = receipt.strip()


def remove_delivery(delivery: Delivery, *, now: dt.datetime) -> None:
    """It was recorded by mistake. The words go at once; the entry in the history is corrected there."""
    delivery.deleted_at, delivery.receiver, delivery.receipt = now, "", ""


def send_update(
    campaign: Campaign, words: str, *, readers: EntryVisibility | None = None, actor: Account, now: dt.datetime
) -> SignerUpdate:
    """Tell the signers who wished to hear; the mails are written by a worker. Raises DeliveryError.

    With `readers` it stands in the history too, for these, and at the top of the next digest of whoever follows the
    campaign and may read it; signers among them get no mail besides.
    """
    words = words.strip()
    if not words:
        raise DeliveryError(_("Write what they are to read."), "words")
    if len(words) > LONGEST:
        raise DeliveryError(_("At most 600 characters; say the rest on the campaign’s page."), "words")
    if campaign.people_forgotten_at is not None or not number_of_hearers(campaign):
        raise DeliveryError(_("Nobody who signed wished to hear of news, or their addresses are destroyed."), "words")
    update = SignerUpdate(
        campaign_id=campaign.id, words=words, state=UpdateState.SENDING, created_at=now, actor_id=actor.id
    )
    db.session.add(update)
    if readers is not None:
        update.entry = append_entry(
            campaign_id=campaign.id,
            kind=EntryKind.UPDATE,
            headline=gettext("To those who signed: %(words)s", words=" ".join(words.split())),
            occurred_on=day_in(campaign.zone, now),
            visibility=readers,
            actor=actor,
            now=now,
        )
    db.session.flush()
    return update


def usual_readers(campaign: Campaign) -> EntryVisibility:
    """Who else reads news to signers unless somebody says otherwise: everybody who reads the campaign; of a protected
    one the members alone, since what employees are told is not for their employer."""
    return EntryVisibility.MEMBERS if campaign.is_protected else EntryVisibility.PUBLIC
