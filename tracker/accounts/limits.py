"""How often something may be tried: by network, by Flask-Limiter; and by account, with waits that double.

No address is kept: keys are HMACs of the network (/24 or /64) or the account's address, and leave with their window.
Counters live in the broker's Redis; while it is away each process counts in its own memory (`counters.py`).

    @bp.route("/subscribe", methods=["GET", "POST"])
    @public
    @limits.per_network("subscribe", "10 per hour")        # below the access mark; counts POSTs only
    def subscribe(): ...

`per_account` counts by who is signed in, wherever they are.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_login import current_user
from limits.storage import Storage

from tracker.accounts.counters import Counters
from tracker.clock import now
from tracker.sealing.keyring import canonical_address
from tracker.settings import config
from tracker.web.errors import Answer, answer

if TYPE_CHECKING:
    from tracker.config import Config

View = TypeVar("View", bound=Callable[..., Any])
REMEMBERED = 4  # a row of failures is forgotten after this many of the longest waits


def network_key() -> str:
    """Whoever asks, as a keyed hash of their network: /24 of IPv4, /64 of IPv6."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - a key, nothing is bound
    except ValueError:
        return keyed("network", "unknown")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    prefix = 24 if address.version == 4 else 64
    return keyed("network", str(ipaddress.ip_network(f"{address}/{prefix}", strict=False)))


def account_key() -> str:
    """Whoever is signed in, as a keyed hash; without an account, their network."""
    return keyed("signed in", str(current_user.id)) if current_user.is_authenticated else network_key()


def keyed(kind: str, value: str) -> str:
    """An HMAC that says nothing without SECRET_KEY."""
    text = f"limits|{kind}|{value}".encode()
    return hmac.new(config().secret_key.encode(), text, hashlib.sha256).hexdigest()[:32]


class Limits(Limiter):
    """Flask-Limiter, for limits that are all written at a view and count what is posted."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        """Nothing is looked up for what is not posted, nor a second time before the view is known."""
        if not in_middleware and request.method == "POST":
            super()._check_request_limit(callable_name, in_middleware)


limiter = Limits(key_func=network_key, headers_enabled=False, strategy="fixed-window")


def per_network(scope: str, often: str) -> Callable[[View], View]:
    """At most so often from one network ("10 per minute; 60 per hour"); only what is posted counts. Then 429."""
    limit = limiter.shared_limit(often, scope=scope, methods=["POST"])

    def decorate(view: View) -> View:
        return cast(View, limit(view))

    return decorate


def per_account(scope: str, often: str) -> Callable[[View], View]:
    """At most so often by one account, from wherever; only what is posted counts. Then 429. For what makes mails."""
    limit = limiter.shared_limit(often, scope=scope, methods=["POST"], key_func=account_key)

    def decorate(view: View) -> View:
        return cast(View, limit(view))

    return decorate


class TooManyTries(Exception):
    """The account must wait; `seconds` says how long."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Ladder:
    """Tries at one account: some free, then a wait that doubles with each failure, up to a longest one.

    The same for addresses without an account, so that nobody learns which have one.
    """

    def __init__(self, scope: str) -> None:
        self.scope = scope

    def refuse_while_waiting(self, who: str) -> None:
        """Raises TooManyTries while the wait lasts."""
        lock = self._key("wait", who)
        if _counters().get(lock):
            until = _counters().get_expiry(lock)
            raise TooManyTries(max(1, math.ceil(until - now().timestamp())))

    def failed(self, who: str) -> int:
        """Count a failure, and make the next try wait if there were too many; how many there were."""
        durations = config().durations
        longest = int(durations.longest_wait.total_seconds())
        count = _counters().incr(self._key("failures", who), REMEMBERED * longest)
        if count >= durations.free_tries:
            wait = min(2 ** min(count - durations.free_tries + 1, 20), longest)
            _counters().incr(self._key("wait", who), wait)
        return count

    def succeeded(self, who: str) -> None:
        """Forget the failures."""
        for kind in ("failures", "wait"):
            _counters().clear(self._key(kind, who))

    def _key(self, kind: str, who: str) -> str:
        return f"tracker/{self.scope}/{kind}/{keyed('account', canonical_address(who))}"


passwords = Ladder("password")
codes = Ladder("code")


def _counters() -> Storage:
    return limiter.limiter.storage


def too_often(error: RateLimitExceeded) -> Answer:
    """The page for 429, and when to come back."""
    current = limiter.current_limit
    if current is not None:
        error.retry_after = max(1, int(current.reset_at - now().timestamp()))
    return answer(error)


def init_app(app: Flask) -> None:
    """Count in the broker's Redis, which may be away."""
    settings: Config = app.extensions["config"]
    scheme, _, place = settings.broker_url.partition("://")
    app.config["RATELIMIT_STORAGE_URI"] = f"{Counters.STORAGE_SCHEME[0]}://"
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {
        "redis_url": f"{'unix' if scheme == 'redis+socket' else scheme}://{place}",
        "wait": settings.durations.counters_wait,
        "look_after": settings.durations.counters_look_after,
    }
    app.config["RATELIMIT_KEY_PREFIX"] = "tracker"
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, too_often)
