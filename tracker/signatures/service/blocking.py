"""Mail domains and networks are kept out, as somebody typed them."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.signatures.blocks import BlockKind, SigningBlock, blocks_of
from tracker.signatures.service.errors import SignatureError
from tracker.words import _

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
# No narrower than what the limits count by: a single network address would name a person.
NARROWEST = {4: 24, 6: 64}
MOST = 500


def add_block(campaign: Campaign, typed: str, *, actor: Account, now: dt.datetime) -> SigningBlock:
    """Keep out `example.com`, or `203.0.113.0/24`. Raises SignatureError."""
    kind, value = understood(typed)
    known = blocks_of(campaign)
    if any(one.kind is kind and one.value == value for one in known):
        raise SignatureError(_("It is kept out already."), "value")
    if len(known) >= MOST:
        raise SignatureError(_("There are enough of them; take some away first."), "value")
    block = SigningBlock(campaign_id=campaign.id, kind=kind, value=value, created_at=now, created_by_id=actor.id)
    db.session.add(block)
    return block


def remove_block(block: SigningBlock) -> None:
    """Let them sign again."""
    db.session.delete(block)


def understood(typed: str) -> tuple[BlockKind, str]:
    """What was meant: a domain, with or without an @ before it, or a network. Raises SignatureError."""
    text = typed.strip().lower().removeprefix("@").rstrip(".")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        try:
            domain = text.encode("idna").decode() if text else ""
        except UnicodeError:
            domain = ""
        if not _DOMAIN.fullmatch(domain):
            raise SignatureError(
                _("Write a mail domain such as example.com, or a network such as 203.0.113.0/24."), "value"
            ) from None
        return BlockKind.DOMAIN, domain
    if network.prefixlen < 8:
        raise SignatureError(_("This would keep out half the world."), "value")
    if network.prefixlen > NARROWEST[network.version]:
        network = network.supernet(new_prefix=NARROWEST[network.version])
    return BlockKind.NETWORK, str(network)
