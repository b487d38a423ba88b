"""Looking at claimed mails again, right before they leave: one that is broken stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import sqlalchemy as sa

from tracker.sealing import SealError

logger = logging.getLogger("tracker.mail")


class Held(Protocol):
    """A claimed mail, as far as it is told of here."""

    @property
    def id(self) -> int: ...
    @property
    def public_id(self) -> str: ...


One = TypeVar("One", bound=Held)


def look_again(
    recheck: Callable[[Sequence[One]], Mapping[int, str]], emails: Sequence[One]
) -> tuple[dict[int, str], dict[int, str]]:
    """Which of these may not go any more, and of which nobody can tell; each with the reason, by id.

    All are asked about at once; where that fails, each alone. Raises what the database itself is to blame for: then
    all of them come again.
    """
    try:
        return dict(recheck(emails)), {}
    except sa.exc.DBAPIError:
        raise
    except Exception as error:
        if len(emails) == 1:
            logger.exception("mail %s could not be looked at again", emails[0].public_id)
            words = str(error) if isinstance(error, SealError) else f"{type(error).__name__}."
            return {}, {emails[0].id: f"It could not be looked at again: {words}"}
    logger.warning("some mail of a claim cannot be looked at again; looking at each alone")
    refused: dict[int, str] = {}
    broken: dict[int, str] = {}
    for email in emails:
        may_not, problems = look_again(recheck, [email])
        refused |= may_not
        broken |= problems
    return refused, broken
