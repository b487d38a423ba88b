"""Signatory, Signature, ReportedCount."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.campaigns.models import Campaign, CampaignText
from tracker.companies.models import Organisation
from tracker.db import Choice, Model, Precision, PublicId, Removable, Versioned
from tracker.timeline.models import EntryBacked


class SignatoryKind(enum.StrEnum):
    """Who signs."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Appearance(enum.StrEnum):
    """How a signatory chose to be shown, most visible first. Only the signer can make it more visible."""

    NAMED = "named"
    INITIALS = "initials"
    COUNTED = "counted"

    @property
    def rank(self) -> int:
        """The higher, the more is shown."""
        return -list(Appearance).index(self)


class SignatureStatus(enum.StrEnum):
    """What a signature counts for."""

    PENDING = "pending"  # waits for its signer's confirmation
    CONFIRMED = "confirmed"
    LISTED = "listed"  # taken from a list that somebody else kept
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"


# Neither removed nor merged into another; queries.present() says the same.
PRESENT: dict[str, Any] = {
    "sqlite_where": sa.text("deleted_at IS NULL AND merged_into_id IS NULL"),
    "postgresql_where": sa.text("deleted_at IS NULL AND merged_into_id IS NULL"),
}


def who_count(appearance: str) -> dict[str, Any]:
    """Of those, who count and are shown so."""
    words = f"{PRESENT['sqlite_where']} AND stands_as IN ('confirmed', 'listed') AND shown_as = '{appearance}'"
    return {"sqlite_where": sa.text(words), "postgresql_where": sa.text(words)}


MERGED: dict[str, Any] = {
    "sqlite_where": sa.text("merged_into_id IS NOT NULL"),
    "postgresql_where": sa.text("merged_into_id IS NOT NULL"),
}


class Signatory(PublicId, Versioned, Removable, Model):
    """A person or organisation that signs. A person belongs to one campaign; nothing links them across campaigns.

    In a protected campaign every word about a person is sealed and the plain columns stay empty.
    """

    __tablename__ = "signatory"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "address_hash"),
        sa.UniqueConstraint("campaign_id", "organisation_id"),
        sa.Index("uq_signatory_receipt_mark", "receipt_mark", unique=True),
        sa.Index("ix_signatory_campaign_id_row_key", "campaign_id", "row_key"),
        sa.Index("ix_signatory_campaign_id_link_hash", "campaign_id", "link_hash"),
        sa.Index("ix_signatory_merged_into_id", "merged_into_id", **MERGED),
        # A page of the list, and its end, are found without looking at the rest; what filters ask is in the index.
        sa.Index("ix_signatory_by_name", "campaign_id", "sort_text", "id", "stands_as", "shown_as", "kind", **PRESENT),
        # An order that tells nothing, for exports.
        sa.Index("ix_signatory_campaign_id_public_id", "campaign_id", "public_id", **PRESENT),
        sa.Index("ix_signatory_by_day", "campaign_id", "stands_on", "id", "stands_as", "shown_as", "kind", **PRESENT),
        # The same for the list that outsiders read (public_list.py); who chose only to be counted is in neither.
        sa.Index("ix_signatory_named", "campaign_id", "kind", "sort_text", "public_id", **who_count("named")),
        sa.Index("ix_signatory_initials", "campaign_id", "public_id", **who_count("initials")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    kind: Mapped[SignatoryKind] = mapped_column(Choice(SignatoryKind))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(sa.Text, default="")
    office: Mapped[str] = mapped_column(sa.Text, default="")  # role or title, as the person writes it
    affiliation: Mapped[str] = mapped_column(sa.Text, default="")  # the organisation a person names beside the name
    # Where a person works or lives: for the team, and for numbers in public; never shown beside a name.
    team: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    city: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    name_sealed: Mapped[str | None] = mapped_column(sa.Text)
    office_sealed: Mapped[str | None] = mapped_column(sa.Text)
    affiliation_sealed: Mapped[str | None] = mapped_column(sa.Text)
    team_sealed: Mapped[str | None] = mapped_column(sa.Text)
    city_sealed: Mapped[str | None] = mapped_column(sa.Text)
    address_sealed: Mapped[str | None] = mapped_column(sa.Text)
    phone_sealed: Mapped[str | None] = mapped_column(sa.Text)
    # Who signed for an organisation on the campaign's page; sealed always, since an organiser alone needs it.
    through_sealed: Mapped[str | None] = mapped_column(sa.Text)
    # The address of a profile (LinkedIn and the like), where a list has one; sealed always.
    link_sealed: Mapped[str | None] = mapped_column(sa.Text)
    # What a receipt code on paper leads to, keyed by the campaign's data key; of signers without an address.
    receipt_mark: Mapped[str | None] = mapped_column(sa.String(64))
    # A plain hash of the secret end of the receipt's address, of those whose name stays when the keys are destroyed:
    # the secret has 160 bits, so nobody guesses it.
    kept_mark: Mapped[str | None] = mapped_column(sa.String(64))
    # Keyed by the campaign's own hash key: finds the same address again here, and nowhere else.
    address_hash: Mapped[str | None] = mapped_column(sa.String(64))
    # The same of the profile. Two rows may have one: then they are proposed as the same person.
    link_hash: Mapped[str | None] = mapped_column(sa.String(64))
    # At which work domain the signer showed to have an address (tracker/work_addresses). Counted, never shown of one.
    work_domain: Mapped[str | None] = mapped_column(sa.String(255))
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signatory.id"))
    erased_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    # The file that brought this row (tracker/importing), and a keyed hash of what it said: the same again is known.
    import_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signatory_import.id"), index=True)
    row_key: Mapped[str | None] = mapped_column(sa.String(64))
    sort_text: Mapped[str] = mapped_column(
        sa.Text, default=""
    )  # normalised name, then affiliation; empty in a protected campaign

    # What the newest signature says: its status, its appearance, and the day it was given (or recorded, where nobody
    # knows). The database keeps these three (migration 0012), whoever writes signatures; the app only asks for them.
    stands_as: Mapped[SignatureStatus | None] = mapped_column(Choice(SignatureStatus))
    shown_as: Mapped[Appearance | None] = mapped_column(Choice(Appearance))
    stands_on: Mapped[dt.date | None]

    campaign: Mapped[Campaign] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    signatures: Mapped[list[Signature]] = relationship(back_populates="signatory")


class SignatoryToken(Model):
    """A keyed token of one whole word of a sealed name: found by an exact word, read by nobody."""

    __tablename__ = "signatory_token"

    signatory_id: Mapped[int] = mapped_column(sa.ForeignKey("signatory.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(64), primary_key=True, index=True)


COUNTED = frozenset({SignatureStatus.CONFIRMED, SignatureStatus.LISTED})


class Provenance(enum.StrEnum):
    """Where a signature comes from; numbers are always labelled by it."""

    SIGNER = "signer"  # "confirmed by the signer"
    LIST = "list"  # "from a list"


class SignatoryTally(Model):
    """How the number of signatories of a campaign changed: so many more, or fewer, who stand and are shown alike.

    The database adds a row for each change (migration 0012); their sum is the number, at once and without a lock that
    signers would queue for. `service/tallying.py` folds the rows of a campaign into few.
    """

    __tablename__ = "signatory_tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    kind: Mapped[SignatoryKind] = mapped_column(Choice(SignatoryKind))
    stands_as: Mapped[SignatureStatus] = mapped_column(Choice(SignatureStatus))
    shown_as: Mapped[Appearance] = mapped_column(Choice(Appearance))
    number: Mapped[int]


class Signature(PublicId, Versioned, Model):
    """The dated act of signing one version of one campaign's text."""

    __tablename__ = "signature"
    __table_args__ = (
        sa.UniqueConstraint("signatory_id", "text_id"),
        # text_id is NULL until a text is recorded, and NULLs are never equal: one such signature a signatory.
        sa.Index(
            "uq_signature_signatory_id_without_text",
            "signatory_id",
            unique=True,
            sqlite_where=sa.text("text_id IS NULL"),
            postgresql_where=sa.text("text_id IS NULL"),
        ),
        sa.Index("ix_signature_campaign_id_status", "campaign_id", "status"),
        sa.Index("ix_signature_campaign_id", "campaign_id", "id"),
        sa.Index("ix_signature_signatory_id", "signatory_id", "id"),  # the newest of each
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    signatory_id: Mapped[int] = mapped_column(sa.ForeignKey("signatory.id"))
    text_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign_text.id"), index=True)
    status: Mapped[SignatureStatus] = mapped_column(Choice(SignatureStatus))
    provenance: Mapped[Provenance] = mapped_column(Choice(Provenance))
    appearance: Mapped[Appearance] = mapped_column(Choice(Appearance))
    signed_on: Mapped[dt.date | None]
    signed_precision: Mapped[Precision | None] = mapped_column(Choice(Precision))
    wishes_updates: Mapped[bool] = mapped_column(default=False)
    consent_version: Mapped[str] = mapped_column(sa.String(32), default="")
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    confirmed_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]  # withdrawn or invalidated
    end_reason: Mapped[str] = mapped_column(sa.String(255), default="")
    # Its signer took it back while it was found invalid: counted again by whoever finds that wrong, it is withdrawn.
    withdrawn_at: Mapped[dt.datetime | None]
    # Found invalid together with others (tracker/sweeps), so that it can be taken back together.
    sweep_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature_sweep.id"), index=True)

    signatory: Mapped[Signatory] = relationship(back_populates="signatures")
    text: Mapped[CampaignText | None] = relationship()


class Qualifier(enum.StrEnum):
    """How exactly a size was reported."""

    EXACTLY = "exactly"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    ABOUT = "about"
    FEWER_THAN = "fewer_than"


class ReportedCount(EntryBacked, PublicId, Model):
    """A dated claim about a campaign's size by somebody else; never a count of rows. May be lower than the last one."""

    __tablename__ = "reported_count"
    REDACTED = ("population",)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    qualifier: Mapped[Qualifier] = mapped_column(Choice(Qualifier))
    value: Mapped[int]
    population: Mapped[str] = mapped_column(sa.String(120))  # employees, shareholders, organisations …
    as_of_on: Mapped[dt.date]
    as_of_precision: Mapped[Precision] = mapped_column(Choice(Precision), default=Precision.DAY)
    recorded_at: Mapped[dt.datetime]
