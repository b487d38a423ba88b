"""Each mail that the app can send, put into the outbox by the function that sends it; for tests of all of them.

A new folder in templates/emails needs a line in MAILS: `tests/mail/test_every_mail.py` says so.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy

from bs4 import BeautifulSoup
from flask import Flask
from html5lib import HTMLParser

from tests.support.accounts import make_account
from tracker.accounts import emails
from tracker.accounts.models import Account, Invitation, Role
from tracker.campaigns import service
from tracker.campaigns.models import Campaign, CampaignKind, Visibility
from tracker.campaigns.reminders import remind_owners
from tracker.campaigns.service.campaigns import QuickLog
from tracker.companies.service import find_or_add_company
from tracker.db import db
from tracker.deliveries import emails as update_mails
from tracker.digests import asking
from tracker.digests.models import Subscriber
from tracker.mail import outbox
from tracker.mail.models import EmailKind
from tracker.mail.render import render
from tracker.signatures import emails as signing_mails
from tracker.signatures.addressed import Addressed
from tracker.work_addresses import emails as work_mails

NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
SOON = NOW + dt.timedelta(minutes=30)
LINK = "https://tracker.example.org/somewhere/a-token"

Sends = Callable[[Account], None]


def invitation(account: Account, *, name: str = "Ada", campaign: str = "We won’t build it") -> None:
    row = Invitation(
        email="new@example.org",
        role=Role.VIEWER,
        name=name,
        token_hash="0" * 64,
        invited_by_id=account.id,
        created_at=NOW,
        expires_at=NOW + dt.timedelta(days=7),
    )
    db.session.add(row)
    db.session.flush()
    emails.invitation(row, LINK, campaign_title=campaign, now=NOW)


def deadline_reminder(account: Account, *, what: str = "File the resolution", days: int = 14) -> None:
    typed = NOW - dt.timedelta(days=30)
    log = QuickLog(
        title="Rekognition & its <customers>",
        kind=CampaignKind.SHAREHOLDER,
        company=find_or_add_company("Amazon.com, Inc.", now=typed),
        due_on=NOW.date() + dt.timedelta(days=days),
        due_what=what,
    )
    service.log_campaign(log, actor=account, now=typed)
    assert remind_owners(NOW) == 1


def follow_question(
    account: Account, *, title: str = "We won’t build it", already: bool = False, neutral: bool = False
) -> None:
    campaign = Campaign(title=title)
    if not already:
        asking.confirm_subscription("new@example.org", campaign, "a-token", neutral=neutral, locale="en", now=NOW)
        return
    known = Subscriber(public_id="A" * 16, link_secret="a secret")
    asking.already_following("new@example.org", campaign, known, neutral=neutral, locale="en", now=NOW)


LONG = "File the resolution about customers of face recognition with the corporate secretary by registered letter, " * 2
LONG_TITLE = "Shareholders & employees ask the board to publish <who> bought face recognition, " * 3

# By the name of the snapshot; what stands before a full stop is the template's folder.
MAILS: dict[str, Sends] = {
    "invitation.campaign": invitation,
    "invitation.tracker": lambda account: invitation(account, name="", campaign=""),
    "sign_in_link": lambda account: emails.sign_in_link(account, LINK, until=SOON, now=NOW),
    "password_reset": lambda account: emails.password_reset(account, LINK, until=SOON, now=NOW),
    "no_account": lambda _account: emails.no_account("nobody@example.org", EmailKind.SIGN_IN_LINK, now=NOW),
    "confirm_address": lambda account: emails.confirm_address(
        account, "new@example.org", LINK, until=NOW + dt.timedelta(hours=24), now=NOW
    ),
    "address_taken": lambda account: emails.address_taken(account, now=NOW),
    "address_changed": lambda account: emails.address_changed(account, "old@example.org", now=NOW),
    "password_changed": lambda account: emails.password_changed(account, now=NOW),
    **{
        f"factor_changed.{news.value}": lambda account, news=news: emails.factor_changed(account, news, left=9, now=NOW)
        for news in emails.FactorNews
    },
    "test": lambda account: outbox.put(
        render("test", locale=account.locale), to=account.email, kind=EmailKind.TEST, now=NOW
    ),
    "confirm_subscription": follow_question,
    "confirm_subscription.long": lambda account: follow_question(account, title=LONG_TITLE),
    "confirm_subscription.neutral": lambda account: follow_question(account, neutral=True),
    "already_following.neutral": lambda account: follow_question(account, already=True, neutral=True),
    "already_following": lambda account: follow_question(account, already=True),
    "already_following.long": lambda account: follow_question(account, title=LONG_TITLE, already=True),
    "deadline_reminder": deadline_reminder,
    "deadline_reminder.today": lambda account: deadline_reminder(account, days=0),
    "deadline_reminder.long": lambda account: deadline_reminder(account, what=LONG.strip(" ,")),
}

LETTER = "Rekognition & its <customers>"
# Of whose address nothing is known that would keep a mail back.
KNOWN = Addressed(signed=None, blocks=(), target_names=(), mailed=0, suppressed=())


def confirm_signature(address: str, campaign: Campaign, url: str, *, locale: str, now: dt.datetime) -> None:
    signing_mails.confirm_signature(address, campaign, url, KNOWN, locale=locale, now=now, is_quiet=False)


def already_signed(address: str, campaign: Campaign, url: str, *, locale: str, now: dt.datetime) -> None:
    signing_mails.already_signed(address, campaign, url, KNOWN, locale=locale, now=now)


def about_signing(send: Callable[..., object], **fields: object) -> Sends:
    """A mail about signing a public campaign, or (`visibility`) one that it may not name."""

    def sends(account: Account) -> None:
        campaign = Campaign(title=LETTER, **{"visibility": Visibility.PUBLIC, "is_protected": False, **fields})
        send(account.email, campaign, LINK, locale="en", now=NOW)

    return sends


MAILS |= {
    "confirm_signature": about_signing(confirm_signature),
    "confirm_signature.by_link": about_signing(confirm_signature, visibility=Visibility.LINK),
    "already_signed": about_signing(already_signed),
    "already_signed.by_link": about_signing(already_signed, visibility=Visibility.LINK),
    "text_changed": about_signing(signing_mails.text_changed),
    "text_changed.by_link": about_signing(signing_mails.text_changed, visibility=Visibility.LINK),
    "signature_receipt": about_signing(signing_mails.signature_receipt),
    "signature_receipt.by_link": about_signing(signing_mails.signature_receipt, visibility=Visibility.LINK),
}


def news(account: Account, **fields: object) -> None:
    """An update to signers of a public campaign, or of one that it may not name."""
    campaign = Campaign(title=LETTER, **{"visibility": Visibility.PUBLIC, "is_protected": False, **fields})
    receiver = outbox.Receiver(account.email, {"receipt": LINK, "unsubscribe": f"{LINK}/no-more"})
    words = "They answered: <no>.\n\nWe go on, and tell you when we meet them on 3 March."
    update_mails.signer_update([receiver], campaign, words, locale="en", now=NOW)


MAILS |= {
    "signer_update": news,
    "signer_update.by_link": lambda account: news(account, visibility=Visibility.LINK),
}


def code_to_work(account: Account) -> None:
    """A code to sign with, to a mailbox that others may read."""
    work_mails.work_code(account.email, "ABCDE-FGHJK", KNOWN, locale="en", now=NOW, is_quiet=False)


MAILS["work_code"] = code_to_work

# Sent by features whose own tests look at them.
ELSEWHERE = {"digest"}


def send(app: Flask, name: str, account_id: int) -> None:
    """Put one of these mails into the outbox, inside a transaction."""
    MAILS[name](db.session.get_one(Account, account_id))


def somebody(app: Flask) -> int:
    """An account that mails can go to."""
    return make_account(app, name="Mia Organiser")


@dataclass(frozen=True)
class Arrived:
    """A mail as its receiver's mailbox takes it apart."""

    subject: str
    text: str
    html: str


def arrived(data: bytes) -> Arrived:
    """Take the bytes of a mail apart, strictly; fail if it is not fit to be sent."""
    assert len(data) < 100_000, f"{len(data)} bytes: mailboxes cut a mail at 100 kB"
    mail = message_from_bytes(data, policy=policy.strict)
    assert mail.defects == []
    parts = list(mail.walk())
    assert [part.get_content_type() for part in parts] == ["multipart/alternative", "text/plain", "text/html"]
    assert all(part.defects == [] for part in parts)
    text, html = (part.get_content().replace("\r\n", "\n") for part in parts[1:])
    found = Arrived(str(mail["Subject"]), text, html)
    assert found.subject == " ".join(found.subject.split())
    assert 0 < len(found.subject) <= 78, f"{len(found.subject)} characters: a mailbox does not show them all"
    HTMLParser(strict=True).parse(found.html)
    page = BeautifulSoup(found.html, "html5lib")
    assert not page.select("img, script, link, form"), "readable with images off, and nothing is loaded"
    assert page.select_one("html")["lang"]  # type: ignore[index]
    assert len(page.select("h1")) == 1
    assert page.select_one(".preheader").get_text().strip(), "what a list of mails shows after the subject"  # type: ignore[union-attr]
    for link in page.select("a"):
        address = str(link["href"])
        assert address in found.text, f"the text part has no {address}"
        assert address.startswith(("https://", "http://127.0.0.1"))
    words, _mark, foot = found.text.partition("\n--\n")
    assert words.strip()
    assert re.search(r"[Bb]ecause", foot), "says why it came"
    assert len([line for line in foot.strip().splitlines() if line.strip()]) >= 3, "says the way out"
    assert "link.invalid" not in found.text + found.html
    return found
