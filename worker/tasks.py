"""The tasks: a name, a claim, a transaction, one call. Arguments are ids, never words; the database says what to do."""

from __future__ import annotations

import contextlib

from celery import shared_task

from tracker import clock
from tracker.bin.emptying import empty_bin
from tracker.breakdowns import service as breakdowns
from tracker.campaigns import reminders
from tracker.db import forget_deleted, transaction
from tracker.deliveries import sending as updates
from tracker.digests import joining, running, uniting
from tracker.importing import running as importing
from tracker.importing.service import forget_abandoned
from tracker.jobs import (
    ASK_AGAIN,
    BACK_UP,
    COUNT_GROUPS,
    EMPTY_BIN,
    FOLD_TALLIES,
    FORGET_ADDRESSES,
    FORGET_FORMS,
    FORGET_PEOPLE,
    FORGET_WORK_CODES,
    IMPORT,
    LOOK_FOR_SAME,
    RECONCILE,
    REMIND,
    SEND_MAIL,
    SEND_UPDATES,
    SWEEP,
    WORK_SWEEPS,
    nudge,
)
from tracker.mail import sender
from tracker.operations import nightly
from tracker.operations.edge import Refusal
from tracker.retention.forgetting import forget_due
from tracker.settings import config
from tracker.signatures.service import forget_requests
from tracker.signatures.service.asking_again import ask_again
from tracker.signatures.service.looking import ask_where_somebody_came, look
from tracker.signatures.service.reconciling import reconcile
from tracker.signatures.service.tallying import fold_tallies
from tracker.sweeps import running as sweeps
from tracker.web.once import forget_saved
from tracker.work_addresses.forgetting import forget_codes, mix_signers
from worker.heart import is_ending


@shared_task(name=SWEEP)
def sweep() -> None:
    """Repair, plan, compose: what fell due is in the outbox afterwards."""
    if running.sweep(clock.now(), stopping=is_ending):
        nudge(SEND_MAIL)


@shared_task(name=SEND_MAIL)
def send_due() -> None:
    """Send what waits in the outbox. Several may run at once: each mail is claimed by one."""
    if running.send(stopping=is_ending)["sent"]:
        nudge(SEND_MAIL)  # perhaps there is more; who finds nothing asks nobody


@shared_task(name=REMIND)
def remind_owners() -> None:
    """Write the reminders of deadlines into the outbox."""
    with transaction():
        written = reminders.remind_owners(clock.now())
    if written:
        nudge(SEND_MAIL)


@shared_task(name=EMPTY_BIN)
def empty_the_bin() -> None:
    """Destroy what was removed long enough ago."""
    empty_bin(clock.now())


@shared_task(name=FORGET_FORMS)
def forget_saved_forms() -> None:
    """Forget which forms were saved so long ago that nobody clicks again."""
    with transaction():
        forget_saved(clock.now() - config().durations.saved_form_kept)


@shared_task(name=BACK_UP)
def back_up() -> None:
    """Make tonight's backup, if nobody has; what went wrong is in its row and in the log."""
    with contextlib.suppress(Refusal):
        nightly.back_up(clock.now())


@shared_task(name="mail.wipe_settled")
def wipe_settled() -> None:
    """Forget receivers and words of mails that were settled long enough ago."""
    sender.wipe_old()


@shared_task(name=FORGET_ADDRESSES)
def forget_addresses() -> None:
    """Erase addresses of people who left long ago, what was typed to sign and not confirmed, lists not brought in; and
    in which order work addresses signed. Addresses that an account has are the account's."""
    with transaction():
        uniting.unite_all(clock.now())
        erased = joining.forget_addresses(clock.now()) + forget_requests(clock.now())
        erased += forget_abandoned(clock.now())
    if erased:
        forget_deleted()
    mix_signers()


@shared_task(name=FORGET_WORK_CODES)
def forget_work_codes() -> None:
    """Forget codes to work addresses that are over, and all that is left of their mails."""
    forget_codes(clock.now())


@shared_task(name=WORK_SWEEPS)
def work_sweeps() -> None:
    """Count, find invalid or take back the signatures that somebody named together."""
    sweeps.work(stopping=is_ending)


@shared_task(name=SEND_UPDATES)
def send_updates() -> None:
    """Write the mails to signers who wished to hear."""
    if updates.work(stopping=is_ending):
        nudge(SEND_MAIL)


@shared_task(name=FORGET_PEOPLE)
def forget_people() -> None:
    """Forget the people of campaigns whose day has come; what a killed worker left is taken up by the next."""
    forget_due(clock.now(), stopping=is_ending)


@shared_task(name=FOLD_TALLIES)
def fold() -> None:
    """Add up what changed in the numbers of signatories, so that a page need not."""
    with transaction():
        fold_tallies()


@shared_task(name=IMPORT)
def import_lists() -> None:
    """Check, bring in or take back the lists that wait. Each is worked on by one; what a dead worker left goes on."""
    importing.work(stopping=is_ending)


@shared_task(name=LOOK_FOR_SAME)
def look_for_same() -> None:
    """Propose signatories that are perhaps one. What a dead worker left goes on; nobody is merged."""
    with transaction():
        ask_where_somebody_came(clock.now())
    look(stopping=is_ending)


@shared_task(name=COUNT_GROUPS)
def count_groups() -> None:
    """Count the public breakdowns of each campaign whose day is over, once."""
    breakdowns.count_groups(now=clock.now())


@shared_task(name=RECONCILE)
def reconcile_counts() -> None:
    """Compare the kept numbers of signatories with the rows, once a night; what differs is told and put right."""
    reconcile(now=clock.now())


@shared_task(name=ASK_AGAIN)
def ask_signers_again() -> None:
    """Write to those who signed a text that was changed in substance since. Each is asked once."""
    if ask_again(now=clock.now(), stopping=is_ending):
        nudge(SEND_MAIL)
