"""The address of a person's profile, written in one way, so that it is known again however somebody copied it.

`https://de.linkedin.com/in/Ada-Lovelace/?trk=x` and `linkedin.com/in/ada-lovelace` are one; so are `twitter.com/ada`,
`x.com/Ada/status/1` and `mobile.twitter.com/ada`.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

LONGEST = 500
_SAME_SITE = {"twitter.com": "x.com", "fb.com": "facebook.com", "fb.me": "facebook.com", "telegram.me": "t.me"}
# Of these sites the first parts of the path name somebody, in letters of either case; what follows is a page of theirs.
_PARTS = {
    "x.com": 1, "instagram.com": 1, "github.com": 1, "gitlab.com": 1, "facebook.com": 1, "t.me": 1, "tiktok.com": 1,
    "threads.net": 1, "linkedin.com": 2, "bsky.app": 2, "orcid.org": 1, "researchgate.net": 2,
}  # fmt: skip
# Before the site's own name: a way to read it, or a country of LinkedIn's.
_BEFORE = frozenset({"www", "m", "mobile", "web", "old", "touch"})
# A path that names nobody by itself; who is meant stands behind the question mark.
_BY_ID = frozenset({"profile.php"})


def profile(text: str) -> str:
    """One way to write the address of this profile; empty when it is none. An `@handle` alone names no site."""
    written = text.strip()
    if not written or len(written) > LONGEST or any(character.isspace() for character in written):
        return ""
    if "://" not in written:
        written = f"https://{written}"
    try:
        parts = urlsplit(written)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except (UnicodeError, ValueError):
        return ""
    if parts.scheme not in ("http", "https") or parts.username or "." not in host:
        return ""
    host = _site(host)
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if not steps:
        return ""
    if steps[0] in _BY_ID:
        return f"https://{host}/{steps[0]}?{parts.query}" if parts.query else ""
    if host in _PARTS:
        steps = [step.casefold() for step in steps[: _PARTS[host]]]
        steps[0] = steps[0].removeprefix("@")
    elif steps[0].startswith("@"):
        steps = [steps[0].casefold()]  # Mastodon, Medium, YouTube
    rest = f"?{parts.query}" if parts.query and host not in _PARTS and not steps[0].startswith("@") else ""
    return f"https://{host}/{'/'.join(steps)}{rest}"


def _site(host: str) -> str:
    first, _dot, rest = host.partition(".")
    if "." in rest and (first in _BEFORE or (rest == "linkedin.com" and len(first) == 2)):
        host = rest
    return _SAME_SITE.get(host, host)
