"""SavedForm."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Model


class SavedForm(Model):
    """That a form was saved, and which page followed: sent again it leads there and saves nothing. Kept for a day."""

    __tablename__ = "saved_form"

    # Of the form's random key, its address and all that was typed; tells nothing about either.
    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    led_to: Mapped[str] = mapped_column(sa.Text, default="")
    saved_at: Mapped[dt.datetime] = mapped_column(index=True)
