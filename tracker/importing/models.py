"""An import, the sealed parts of its file, and the rows it refused (ADR: a list is checked before it is brought in)."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.campaigns.models import Campaign
from tracker.db import Choice, Model, PublicId
from tracker.signatures.models import Appearance, SignatoryKind


class ImportState(enum.StrEnum):
    """How far an import is."""

    DRAFT = "draft"  # stored; its columns are being looked at
    CHECKING = "checking"  # a worker reads all of it, saving nobody
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"  # before anybody was saved


WORKING = frozenset({ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING})
FILE_KEPT = frozenset({ImportState.DRAFT, ImportState.CHECKING, ImportState.CHECKED, ImportState.RUNNING})


class DayOrder(enum.StrEnum):
    """What 05/10/2026 means. Nobody guesses it."""

    UNKNOWN = "unknown"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class Import(PublicId, Model):
    """One file on its way. Holds numbers, never words of the file; its name is not kept."""

    __tablename__ = "signatory_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    state: Mapped[ImportState] = mapped_column(Choice(ImportState), index=True)
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    encoding: Mapped[str] = mapped_column(sa.String(32))
    delimiter: Mapped[str] = mapped_column(sa.String(1))
    has_header: Mapped[bool]
    columns: Mapped[list[str]] = mapped_column(sa.JSON)  # by position: what each column is, "" for nothing
    day_order: Mapped[DayOrder] = mapped_column(Choice(DayOrder))
    appearance: Mapped[Appearance] = mapped_column(Choice(Appearance))
    # Who is on it, where no column of the file says so.
    kind: Mapped[SignatoryKind] = mapped_column(Choice(SignatoryKind), default=SignatoryKind.PERSON)
    # Keyed, of the heading: finds the columns that somebody chose for the same heading in this campaign before.
    heading_hash: Mapped[str] = mapped_column(sa.String(64), default="")

    rows: Mapped[int] = mapped_column(default=0)  # found by the check
    done: Mapped[int] = mapped_column(default=0)  # of the present phase; saved in the same transaction as the rows
    new: Mapped[int] = mapped_column(default=0)
    here: Mapped[int] = mapped_column(default=0)
    perhaps: Mapped[int] = mapped_column(default=0)  # new, and of a name that is here
    refused: Mapped[int] = mapped_column(default=0)
    ambiguous: Mapped[int] = mapped_column(default=0)  # dates that two orders of day and month would understand
    kept: Mapped[int] = mapped_column(default=0)  # left standing by an undo: changed since
    # Organisations that it made known, which went again with an undo.
    organisations_gone: Mapped[int] = mapped_column(default=0)
    phase_began_at: Mapped[dt.datetime | None]
    problem: Mapped[str] = mapped_column(sa.String(32), default="")  # why the file as a whole cannot be read
    problem_row: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str] = mapped_column(sa.String(32), default="")
    leased_until: Mapped[dt.datetime | None]

    campaign: Mapped[Campaign] = relationship()


class ImportPart(Model):
    """A piece of the file, sealed; destroyed when the import ends."""

    __tablename__ = "signatory_import_part"

    import_id: Mapped[int] = mapped_column(sa.ForeignKey("signatory_import.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class ImportOrganisation(Model):
    """An organisation that an import made known; it goes with the list unless anything else names it by then."""

    __tablename__ = "signatory_import_organisation"
    __table_args__ = (sa.UniqueConstraint("import_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("signatory_import.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True)


class ImportRefusal(Model):
    """A row that was refused, sealed, with the reasons; for whoever brought the file to mend it."""

    __tablename__ = "signatory_import_refusal"

    import_id: Mapped[int] = mapped_column(sa.ForeignKey("signatory_import.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of the row in the file
    sealed: Mapped[str] = mapped_column(sa.Text)


def place(row: Import, what: str, number: int) -> str:
    """Where a sealed value belongs; opening it elsewhere fails."""
    return f"signatory_import|{what}|{row.public_id}/{number}"
