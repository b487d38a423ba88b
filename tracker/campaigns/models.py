"""Campaign with its text, subjects, targets, demands and issue areas. How campaigns stand to each other: relations."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.companies.models import Company, Organisation
from tracker.db import Choice, Model, Precision, PublicId, Removable, Versioned
from tracker.timeline.models import EntryBacked


class CampaignKind(enum.StrEnum):
    """Whose campaign it is."""

    SHAREHOLDER = "shareholder"
    EMPLOYEE = "employee"
    PUBLIC = "public"


class Stage(enum.StrEnum):
    """How far a campaign has come; apart from what became of its demands."""

    DRAFT = "draft"
    GATHERING = "gathering"
    DELIVERED = "delivered"
    IN_DIALOGUE = "in_dialogue"
    CONCLUDED = "concluded"


class Visibility(enum.StrEnum):
    """Who may find and read a campaign, narrowest first."""

    MEMBERS = "members"
    LINK = "link"
    SIGNED_IN = "signed_in"
    PUBLIC = "public"


LISTED_BY = (
    *("visibility", "deleted_at", "kind", "stage", "began_on", "merged_into_id"),
    *("fates_for_readers", "fates_for_members", "id"),
)
ASKED_ANEW = sa.text("fates_for_readers IS NULL")


class Campaign(PublicId, Versioned, Removable, Model):
    """One sustained effort with one aim."""

    __tablename__ = "campaign"
    __table_args__ = (
        # All that the list asks of every campaign there is: who may read it, its facets, whether another stands for it.
        sa.Index("ix_campaign_listed", *LISTED_BY),
        sa.Index("ix_campaign_changed_at", "changed_at"),
        sa.Index("ix_campaign_fates_asked_anew", "id", sqlite_where=ASKED_ANEW, postgresql_where=ASKED_ANEW),
    )
    SEARCHED = ("title", "summary")

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str] = mapped_column(sa.String(255))
    kind: Mapped[CampaignKind] = mapped_column(Choice(CampaignKind))
    stage: Mapped[Stage] = mapped_column(Choice(Stage), default=Stage.DRAFT)
    visibility: Mapped[Visibility] = mapped_column(Choice(Visibility))
    # The unguessable end of its address while it is visible by link; renewed at will.
    link_token: Mapped[str] = mapped_column(sa.String(32), unique=True)
    # Widened last; what was recorded before is one line to those who could not see it (house.md, 4b).
    opened_at: Mapped[dt.datetime | None]
    summary: Mapped[str] = mapped_column(sa.Text, default="")  # Markdown
    began_on: Mapped[dt.date | None]
    began_precision: Mapped[Precision | None] = mapped_column(Choice(Precision))
    goal: Mapped[int | None]  # signatures hoped for
    zone: Mapped[str] = mapped_column(sa.String(64), default="UTC")
    locale: Mapped[str] = mapped_column(sa.String(16), default="en")
    # Protected: the names of its signatories are sealed as well (safety.md, 2).
    is_protected: Mapped[bool]
    allows_public_names: Mapped[bool] = mapped_column(default=True)
    concluded_on: Mapped[dt.date | None]
    # From when on its people are to be forgotten (safety.md, 8): set with the conclusion, cleared when it is reopened;
    # of a campaign that goes on only where somebody chose a day.
    retention_on: Mapped[dt.date | None]
    # On which day its team was told that its people will be forgotten although nobody concluded it; none once that is
    # put off.
    ending_noted_on: Mapped[dt.date | None]
    # When the key by which signers are known again was destroyed (tracker/retention): nobody signs here any more.
    look_up_ended_at: Mapped[dt.datetime | None]
    # When contact data and hidden names were destroyed; only numbers and the names shown in the open are left.
    people_forgotten_at: Mapped[dt.datetime | None]
    # The campaign that stands for this one since they were merged; the top of the chain, derived from CampaignMerge.
    # When the bin destroyed it; a row without a word stays, since the access record names it.
    destroyed_at: Mapped[dt.datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    created_at: Mapped[dt.datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    changed_at: Mapped[dt.datetime]  # the last entry or edit, for sorting
    search_text: Mapped[str] = mapped_column(sa.Text, default="")
    # What became of its demands, each status once, joined by commas: as whoever may read the campaign sees it, and as
    # its members do. Empty where nobody's campaign tells that, but each entry does: `tracker.finding.fates` asks then.
    # Written by triggers (ADR 031), never by the app.
    fates_for_readers: Mapped[str | None] = mapped_column(sa.Text, server_default="")
    fates_for_members: Mapped[str | None] = mapped_column(sa.Text, server_default="")

    demands: Mapped[list[Demand]] = relationship(back_populates="campaign", order_by="Demand.position")
    subjects: Mapped[list[CampaignSubject]] = relationship(back_populates="campaign", cascade="all, delete-orphan")
    targets: Mapped[list[Target]] = relationship(back_populates="campaign", order_by="Target.id")
    texts: Mapped[list[CampaignText]] = relationship(back_populates="campaign", order_by="CampaignText.number")
    issues: Mapped[list[Issue]] = relationship(
        secondary="campaign_issue",
        # One in the bin is borne on, and shown again when it is put back.
        secondaryjoin="and_(Issue.id == campaign_issue.c.issue_id, Issue.deleted_at.is_(None))",
        order_by="Issue.name",
    )


class FormerSlug(Model):
    """An address that a campaign, company or issue once had, which still leads there."""

    __tablename__ = "former_slug"
    __table_args__ = (sa.UniqueConstraint("record_type", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(sa.String(64))
    slug: Mapped[str] = mapped_column(sa.String(80))
    record_id: Mapped[int]
    retired_at: Mapped[dt.datetime]


class CampaignText(PublicId, Model):
    """One version of the letter or petition. A signature names the version it was given to."""

    __tablename__ = "campaign_text"
    FOUND_WITH = ("campaign_id",)
    __table_args__ = (sa.UniqueConstraint("campaign_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    number: Mapped[int]  # 1, 2, 3 …
    body: Mapped[str] = mapped_column(sa.Text)  # Markdown
    # A change of substance asks earlier signers again; a mended comma does not.
    is_substantive: Mapped[bool] = mapped_column(default=True)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    frozen_at: Mapped[dt.datetime | None]  # delivered: never changed again

    campaign: Mapped[Campaign] = relationship(back_populates="texts")


class SubjectRole(enum.StrEnum):
    """Asked: it can grant a demand. About: it is what the demand is about."""

    ASKED = "asked"
    ABOUT = "about"


class CampaignSubject(Model):
    """A company or organisation that a campaign asks, or asks about."""

    __tablename__ = "campaign_subject"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "company_id", "role"),
        sa.UniqueConstraint("campaign_id", "organisation_id", "role"),
        sa.CheckConstraint("(company_id IS NULL) <> (organisation_id IS NULL)", name="one_subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    role: Mapped[SubjectRole] = mapped_column(Choice(SubjectRole))

    campaign: Mapped[Campaign] = relationship(back_populates="subjects")
    company: Mapped[Company | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


class TargetKind(enum.StrEnum):
    """Who can grant a demand."""

    COMPANY = "company"
    BOARD = "board"
    OFFICE_HOLDER = "office_holder"
    AGENCY = "agency"
    LEGISLATURE = "legislature"


class Target(PublicId, Versioned, Removable, Model):
    """Who can grant a demand: a company, its board, a named office-holder, an agency, a legislature."""

    __tablename__ = "target"
    FOUND_WITH = ("campaign_id",)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    kind: Mapped[TargetKind] = mapped_column(Choice(TargetKind))
    name: Mapped[str] = mapped_column(sa.String(255))  # the office-holder's or body's name
    office: Mapped[str] = mapped_column(sa.String(255), default="")
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))

    campaign: Mapped[Campaign] = relationship(back_populates="targets")
    company: Mapped[Company | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


class DemandKind(enum.StrEnum):
    """What sort of thing is asked."""

    STOP = "stop"
    ADOPT = "adopt"
    DISCLOSE = "disclose"
    STUDY = "study"
    REMOVE = "remove"


class Demand(PublicId, Versioned, Removable, Model):
    """One thing asked of one target."""

    __tablename__ = "demand"
    SEARCHED = ("words", "detail")

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    target_id: Mapped[int | None] = mapped_column(sa.ForeignKey("target.id"), index=True)
    position: Mapped[int]  # 1, 2, 3 … as in the letter
    kind: Mapped[DemandKind | None] = mapped_column(Choice(DemandKind))
    words: Mapped[str] = mapped_column(sa.Text)  # what is asked, in one sentence
    detail: Mapped[str] = mapped_column(sa.Text, default="")  # Markdown
    created_at: Mapped[dt.datetime]
    search_text: Mapped[str] = mapped_column(sa.Text, default="")

    campaign: Mapped[Campaign] = relationship(back_populates="demands")
    target: Mapped[Target | None] = relationship()


class StageChange(EntryBacked, Model):
    """That a campaign moved from one stage to another, and why. Never updated in place."""

    __tablename__ = "stage_change"
    REDACTED = ("reason",)
    FOUND_BY = ("reason",)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    from_stage: Mapped[Stage] = mapped_column(Choice(Stage))
    to_stage: Mapped[Stage] = mapped_column(Choice(Stage))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_at: Mapped[dt.datetime]


class Issue(PublicId, Versioned, Removable, Model):
    """An issue area, such as facial recognition."""

    __tablename__ = "issue"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    description: Mapped[str] = mapped_column(sa.Text, default="")  # Markdown
    # Somebody made or wrote its page; before that it is a word on campaigns, and known to whoever may read one of them.
    is_open: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


campaign_issue = sa.Table(
    "campaign_issue",
    Model.metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaign.id"), primary_key=True),
    sa.Column("issue_id", sa.ForeignKey("issue.id"), primary_key=True, index=True),
)


class SavedSearch(PublicId, Model):
    """A search that somebody keeps, and may follow, as the query string of the list."""

    __tablename__ = "saved_search"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    query: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[dt.datetime]
