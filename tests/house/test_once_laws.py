"""Whatever a press makes is made once: each POST goes through `once`, or stands here with its reason.

Without JavaScript nothing keeps anybody from clicking twice (tracker/web/once.py).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

import pytest
from flask import Flask

from tracker.accounts.access import LIBRARY_ENDPOINTS
from tracker.web.once import once

LINK = "a link that works once: the second press uses nothing up and is told so"
SAME = "says what shall be, so that the second press says the same"
READS = "makes nothing that is kept but the record of who read, and two readings are two"
SHOWN_ONCE = "shows in its answer what it makes, this once: a second press must show its own"
OWNER = "chosen by the secret in the address, on a page without a session; the second press chooses the same"
NOT_ONCE = {
    "accounts.accept": LINK,
    "accounts.account": SAME,
    "accounts.ask_for_link": "each mail ends the earlier link, and limits count them",
    "accounts.ask_for_reset": "as above",
    "accounts.change_password": SAME,
    "accounts.confirm_email": LINK,
    "accounts.end_other_sign_ins": SAME,
    "accounts.end_sign_in": SAME,
    "accounts.follow_link": LINK,
    "accounts.give_code": "a code works once",
    "accounts.login": "each sign-in is a row of its own, and the cookie of the last one counts",
    "accounts.logout": SAME,
    "accounts.remove_factor": SAME,
    "accounts.renew_recovery_codes": SHOWN_ONCE,
    "accounts.reset": LINK,
    "accounts.second_factor": SHOWN_ONCE,
    "accounts.set_up": LINK,
    "deliveries.again": OWNER,
    "deliveries.make_packet": READS,
    "deliveries.receipt": SAME,
    "deliveries.stop": OWNER,
    "desk.run": READS,
    "digests.change_schedule": SAME,
    "digests.follow": SAME,
    "digests.name_in_subject": SAME,
    "digests.unfollow": SAME,
    "following.ask": "a few mails an address and day at most, and either link works",
    "following.confirm": LINK,
    "hook.bounce": "for machines, which may report the same twice",
    "importing.refused": READS,
    "leaving.manage": OWNER,
    "leaving.name_in_subject": OWNER,
    "leaving.stop": OWNER,
    "leaving.stop_following": OWNER,
    "leaving.unsubscribe": OWNER,
    "mail.show": READS,
    "pages.dismiss_hint": SAME,
    "pages.follow_search": SAME,
    "pages.mark_seen": SAME,
    "signatures.appear": OWNER,
    "signatures.change_own_words": OWNER,
    "signatures.choose_same": "makes nothing: a search, posted so that a name stays out of the address",
    "signatures.codes": SHOWN_ONCE,
    "signatures.confirm": LINK,
    "signatures.enter_receipt": READS,
    "signatures.erase": OWNER,
    "signatures.export": READS,
    "signatures.index": READS,
    "signatures.look_for_same": SAME,
    "signatures.show_contact": READS,
    "signatures.sign": "the service knows the very same form by its digest and mails once",
    "signatures.sign_again": OWNER,
    "signatures.sign_by_code": "a code signs once",
    "signatures.withdraw_own": OWNER,
    "unlisting.look": READS,
    "work_addresses.ask": "a few mails an address and day at most, and each code works",
    "work_addresses.sign": "a code signs once",
}


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def reaches_once(view: Callable[..., Any], seen: set[Any] | None = None) -> bool:
    """Whether the function, or one of ours that it calls by name, uses `once`."""
    seen = set() if seen is None else seen
    function = inspect.unwrap(view)
    if not isinstance(function, FunctionType) or function in seen:
        return False
    seen.add(function)
    known = [function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__]
    if any(one is once for one in known):
        return True
    ours = [one for one in known if (getattr(one, "__module__", "") or "").startswith("tracker.")]
    return any(reaches_once(one, seen) for one in ours if callable(one))


def unguarded(app: Flask) -> set[str]:
    """Every endpoint that takes a POST and does not come by `once`."""
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    return {one for one in posts - set(LIBRARY_ENDPOINTS) if not reaches_once(app.view_functions[one])}


def test_a_double_click_counts_once(app: Flask) -> None:
    """Each POST goes through `once` or says why it need not; and no reason outlives what it excused."""
    found = unguarded(app)
    forgotten = sorted(found - set(NOT_ONCE))
    assert not forgotten, f"save with tracker.web.once, or say in NOT_ONCE why a second press does no harm: {forgotten}"
    assert not set(NOT_ONCE) - found, f"excused for nothing: {sorted(set(NOT_ONCE) - found)}"


@pytest.mark.parametrize("endpoint", ["campaigns.new_link", "engagements.new_statement", "signatures.withdraw"])
def test_the_law_sees_who_forgot(app: Flask, endpoint: str) -> None:
    """A view that saves without it is found, and one that saves through a shared function is not."""
    assert endpoint not in unguarded(app)

    def forgot() -> str:
        return "saved"

    app.view_functions[endpoint] = forgot
    assert endpoint in unguarded(app)
