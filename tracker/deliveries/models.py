"""A delivery, and an update to the signers."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.campaigns.models import Campaign, CampaignText
from tracker.db import Choice, Model, PublicId, Removable
from tracker.signatures.versions import Versions
from tracker.timeline.models import TimelineEntry


class Way(enum.StrEnum):
    """How a letter was delivered."""

    IN_PERSON = "in_person"
    POST = "post"
    MAIL = "mail"
    FORM = "form"
    MEETING = "meeting"
    PUBLISHED = "published"


class Delivery(PublicId, Removable, Model):
    """That a version of the letter was handed to somebody with so many signatures. The packet is printed from the
    signatures of the day it is printed: who withdrew since stands in no later one."""

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    text_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign_text.id", ondelete="CASCADE"))
    delivered_on: Mapped[dt.date]
    way: Mapped[Way] = mapped_column(Choice(Way))
    receiver: Mapped[str] = mapped_column(sa.String(255))
    receipt: Mapped[str] = mapped_column(sa.Text, default="")  # who took it, a number of a parcel; or nothing
    number: Mapped[int]  # signatures that counted when it was recorded
    # Those of them that were given to an earlier text, before it was changed in substance; of deliveries that were
    # recorded before this was kept, nobody knows.
    number_earlier: Mapped[int | None]
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    # The entry that says to whom it went: redacted there, the receiver's name goes here too.
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("timeline_entry.id"), index=True)

    text: Mapped[CampaignText] = relationship()

    @property
    def versions(self) -> Versions | None:
        """Both numbers, where the text had been changed in substance by then."""
        return Versions(self.number - self.number_earlier, self.number_earlier) if self.number_earlier else None


class UpdateState(enum.StrEnum):
    """How far an update is."""

    SENDING = "sending"
    SENT = "sent"


class SignerUpdate(PublicId, Model):
    """News of a campaign for the signers who wished to hear. Who they are is decided when their turn comes."""

    __tablename__ = "signer_update"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(sa.String(600))
    state: Mapped[UpdateState] = mapped_column(Choice(UpdateState), index=True)
    written: Mapped[int] = mapped_column(default=0)  # mails in the outbox
    last_id: Mapped[int] = mapped_column(default=0)  # of the signatories looked at; saved with their mails
    created_at: Mapped[dt.datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))

    # The entry that followers read at the top of their next digest; none where it was for signers alone.
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("timeline_entry.id"), index=True)

    campaign: Mapped[Campaign] = relationship()
    entry: Mapped[TimelineEntry | None] = relationship()


class SignerUpdateBody(Model):
    """The stored words of an update's mails, so that they are found again when they must go."""

    __tablename__ = "signer_update_body"

    update_id: Mapped[int] = mapped_column(sa.ForeignKey("signer_update.id", ondelete="CASCADE"), primary_key=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("email_body.id", ondelete="CASCADE"), primary_key=True)
