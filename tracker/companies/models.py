"""Company with the names it has borne; Organisation with its contacts and holdings."""

from __future__ import annotations

import datetime as dt
import decimal
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.db import Choice, Model, Precision, PublicId, Removable, Versioned
from tracker.timeline.models import Source


class Company(PublicId, Versioned, Removable, Model):
    """A corporation."""

    __tablename__ = "company"
    SEARCHED = ("name", "ticker", "cik", "other_names")

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    ticker: Mapped[str] = mapped_column(sa.String(16), default="")
    cik: Mapped[str | None] = mapped_column(sa.String(10), unique=True)  # ten digits with leading zeros
    sector: Mapped[str] = mapped_column(sa.String(120), default="")
    country: Mapped[str] = mapped_column(sa.String(2), default="")  # ISO 3166-1 alpha-2
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"))
    created_at: Mapped[dt.datetime]
    search_text: Mapped[str] = mapped_column(sa.Text, default="")

    names: Mapped[list[CompanyName]] = relationship(
        back_populates="company", cascade="all, delete-orphan", order_by="CompanyName.id"
    )

    @property
    def other_names(self) -> str:
        """The names it has borne, for searching."""
        return " \n ".join(name.name for name in self.names)


class CompanyName(Model):
    """A name a company has borne, or is known by."""

    __tablename__ = "company_name"
    FOUND_WITH = ("company_id",)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    from_on: Mapped[dt.date | None]
    to_on: Mapped[dt.date | None]

    company: Mapped[Company] = relationship(back_populates="names")

    @property
    def as_words(self) -> str:
        """The name with its days, as a Revision keeps it: `Facebook (2004-02-04 – 2021-10-28)`, `(since …)`."""
        if self.from_on and self.to_on:
            return f"{self.name} ({self.from_on.isoformat()} – {self.to_on.isoformat()})"
        if self.from_on or self.to_on:
            return f"{self.name} ({f'since {self.from_on}' if self.from_on else f'until {self.to_on}'})"
        return self.name


class OrganisationKind(enum.StrEnum):
    """What sort of body an organisation is."""

    FAITH_BASED_INVESTOR = "faith_based_investor"
    ASSET_MANAGER = "asset_manager"
    PENSION_FUND = "pension_fund"
    FOUNDATION = "foundation"
    NON_PROFIT = "non_profit"
    UNION = "union"
    AGENCY = "agency"
    LEGISLATURE = "legislature"
    OTHER = "other"


class Organisation(PublicId, Versioned, Removable, Model):
    """Any body that is not a company in this tracker's sense; shared by all campaigns."""

    __tablename__ = "organisation"
    SEARCHED = ("name",)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    kind: Mapped[OrganisationKind] = mapped_column(Choice(OrganisationKind), default=OrganisationKind.OTHER)
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    custodian: Mapped[str] = mapped_column(sa.String(255), default="")
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    created_at: Mapped[dt.datetime]
    search_text: Mapped[str] = mapped_column(sa.Text, default="")

    contacts: Mapped[list[OrganisationContact]] = relationship(
        back_populates="organisation", cascade="all, delete-orphan"
    )
    holdings: Mapped[list[Holding]] = relationship(back_populates="organisation", cascade="all, delete-orphan")


class OrganisationContact(PublicId, Model):
    """A person to reach at an organisation; name and address sealed with the instance's key."""

    __tablename__ = "organisation_contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    name_sealed: Mapped[str] = mapped_column(sa.Text)
    address_sealed: Mapped[str | None] = mapped_column(sa.Text)
    office: Mapped[str] = mapped_column(sa.String(255), default="")
    created_at: Mapped[dt.datetime]

    organisation: Mapped[Organisation] = relationship(back_populates="contacts")


class Holding(Model):
    """What an organisation holds of a company, as of a date, and who says so. Never updated in place."""

    __tablename__ = "holding"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), index=True)
    shares: Mapped[decimal.Decimal | None] = mapped_column(sa.Numeric(20, 4))
    amount: Mapped[decimal.Decimal | None] = mapped_column(sa.Numeric(20, 2))
    currency: Mapped[str] = mapped_column(sa.String(3), default="")  # ISO 4217
    as_of_on: Mapped[dt.date | None]
    as_of_precision: Mapped[Precision | None] = mapped_column(Choice(Precision))
    source_id: Mapped[int | None] = mapped_column(sa.ForeignKey("source.id"))
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))

    organisation: Mapped[Organisation] = relationship(back_populates="holdings")
    company: Mapped[Company] = relationship()
    source: Mapped[Source | None] = relationship()
