"""Work addresses and domains, each written in one way."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email

# Anybody can have an address there, so it shows nothing. The best known; organisers know their employer's domain.
OPEN_TO_ALL = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com"),
        *("icloud.com", "me.com", "aol.com", "proton.me", "protonmail.com", "gmx.net", "gmx.de", "gmx.com"),
        *("web.de", "mail.com", "mail.ru", "yandex.ru", "yandex.com", "qq.com", "163.com", "zoho.com"),
        *("fastmail.com", "tutanota.com"),
    }
)


def mailbox_of(typed: str) -> str | None:
    """The mailbox that an address leads to: small letters, the domain as the wire has it, and without a `+tag`, which
    is the same mailbox. Dots stay: at work two people may differ by one alone. None when it is no address.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    local = found.local_part.casefold()
    plain = local.partition("+")[0]
    return f"{plain or local}@{found.ascii_domain.lower()}"


def domain_of(mailbox: str) -> str:
    """What stands behind the @."""
    return mailbox.rpartition("@")[2]
