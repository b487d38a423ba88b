"""Ladders, leases, holds and limits: how long everything may take, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Durations:
    """Ladders, leases, holds and limits. Tests scale them; people read them in docs/operations.md."""

    sign_in_idle: timedelta = timedelta(minutes=30)
    sign_in_absolute: timedelta = timedelta(hours=12)
    last_seen_precision: timedelta = timedelta(minutes=1)
    # Password and code were given again: for so long contact data is shown for a reason alone.
    proof_kept: timedelta = timedelta(minutes=10)
    # From the right password to the code of the second factor.
    second_step: timedelta = timedelta(minutes=10)
    # Wrong passwords for one account: so many free, then waits of 2, 4, 8 … seconds, never longer than this.
    free_tries: int = 5
    longest_wait: timedelta = timedelta(minutes=15)
    # Counting tries in Redis: how long a form waits for it, and how soon after that it is looked for again.
    counters_wait: timedelta = timedelta(milliseconds=50)
    counters_look_after: timedelta = timedelta(seconds=1)
    setup_link: timedelta = timedelta(days=1)
    invitation: timedelta = timedelta(days=7)
    sign_in_link: timedelta = timedelta(minutes=15)
    password_reset: timedelta = timedelta(minutes=30)
    # Outbox (reliability.md, section 1): the lease outlives all that is said before the last bytes, `smtp_talk`, after
    # the wait in a worker's line (40 s; mail/sender.py); the second one the wait after the dot.
    claim_lease: timedelta = timedelta(seconds=180)
    transmit_lease: timedelta = timedelta(seconds=900)
    unknown_hold: timedelta = timedelta(minutes=30)
    retry_ladder: tuple[timedelta, ...] = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))
    retry_every: timedelta = timedelta(hours=1)
    retry_until: timedelta = timedelta(hours=24)
    # How long a form that was sent is known again when it is sent once more.
    saved_form_kept: timedelta = timedelta(days=1)
    # How long what was removed lies in the bin before it is destroyed.
    bin_kept: timedelta = timedelta(days=30)
    settled_mail_kept: timedelta = timedelta(days=7)
    smtp_connect: timedelta = timedelta(seconds=10)
    smtp_command: timedelta = timedelta(seconds=60)
    # Connection, greeting and everything up to the answer to DATA, together.
    smtp_talk: timedelta = timedelta(seconds=120)
    smtp_reply: timedelta = timedelta(seconds=600)
    # A server that takes longer over its last word holds up no other mail (tracker/mail/lanes.py).
    park_after: timedelta = timedelta(seconds=10)
    # Bounces that may be passing count, at most one a day; so many within this time end the writing (mail/bounces.py).
    bounce_memory: timedelta = timedelta(days=30)
    bounce_limit: int = 5
    # An address without an account: how long it has to confirm, how often a day it is asked, how long it is kept after.
    subscription_request: timedelta = timedelta(days=7)
    confirmations_a_day: int = 3
    ended_address_kept: timedelta = timedelta(days=28)
    # Signing on a campaign's page: how long an address has to confirm, how often a day it is mailed, when the same form
    # sent again is mailed again, and how old a form must at least and may at most be.
    signing_request: timedelta = timedelta(days=7)
    sign_mails_a_day: int = 5
    sign_mail_again: timedelta = timedelta(minutes=1)
    sign_form_least: timedelta = timedelta(seconds=3)
    sign_form_open: timedelta = timedelta(hours=12)
    # A code to a work address signs for so long; nothing of its mail is left here afterwards (tracker/work_addresses).
    work_code: timedelta = timedelta(minutes=15)
    # A concluded campaign may be opened again so long; then the key by which signers are known again is destroyed.
    look_up_kept: timedelta = timedelta(days=30)
    # A campaign that nobody concludes forgets its people all the same; so long before, its team is told.
    ending_noted: timedelta = timedelta(days=60)
    # A text changed in substance asks earlier signers again after so long, unless it was changed once more.
    text_change_hold: timedelta = timedelta(hours=1)
    # How often the numbers of signatories are compared with the rows.
    counts_every: timedelta = timedelta(days=1)
    # How often a campaign that people join is searched for signatories that are perhaps one.
    likeness_every: timedelta = timedelta(hours=6)
    missed_periods: timedelta = timedelta(days=7)
    sweep_every: timedelta = timedelta(seconds=60)
    quiet_after: timedelta = timedelta(days=60)
    due_soon: timedelta = timedelta(days=14)
    digest_horizon: timedelta = timedelta(days=30)
    heartbeat_every: timedelta = timedelta(seconds=30)
    # Three missed signs of life are no chance.
    silent_after: timedelta = timedelta(seconds=100)
    # A mail or digest that is late by more than this is said to be (digests/watching.py).
    overdue_after: timedelta = timedelta(minutes=15)
    waiting_long: timedelta = timedelta(hours=2)
    # Nightly backups (docs/operations.md). Copies of keys go soon: until then a destroyed key can still be read.
    backup_retry: timedelta = timedelta(hours=1)
    backup_overdue: timedelta = timedelta(hours=36)
    key_copies_kept: timedelta = timedelta(days=14)
