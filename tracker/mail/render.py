"""Words of a mail from its three templates: templates/emails/<name>/subject.txt, body.txt and body.html.

    message = render("invitation", locale="en", inviter="Ada", expires_at=…)
    outbox.put(message, to="b@example.org", kind=EmailKind.INVITATION, now=now, links={"accept": url})

`body.txt` extends emails/_layout.txt and `body.html` emails/_layout.html; both say why the mail came and the way out.
A link that only this receiver may have is `{{ link('accept') }}`: a placeholder, filled when the mail is sent, so that
the stored words can be shared and hold no secret. `base_url` is the site's address.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import css_inline
from flask import current_app
from flask_babel import force_locale

from tracker.settings import config

# A reserved top-level domain: were a placeholder ever mailed, it would lead nowhere.
PLACE = "https://link.invalid/"
PLACEHOLDER = re.compile(re.escape(PLACE) + r"([A-Za-z0-9_-]+)")
KEPT = 200  # messages
_INDENTATION = re.compile(r"\s*\n\s*")
# Controls, and the line separators that e-mail libraries take for a new line: a header made of them would be two.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Message:
    """What one or many receivers will read."""

    subject: str
    text: str
    html: str
    locale: str = "en"

    def link_names(self) -> frozenset[str]:
        """The receiver's own links that these words need."""
        return frozenset(PLACEHOLDER.findall(self.text) + PLACEHOLDER.findall(self.html))

    def filled(self, links: Mapping[str, str]) -> Message:
        """The same with a receiver's links in their places. Raises KeyError for a missing one."""
        return Message(
            subject=self.subject,
            text=PLACEHOLDER.sub(lambda found: links[found[1]], self.text),
            html=PLACEHOLDER.sub(lambda found: html.escape(links[found[1]]), self.html),
            locale=self.locale,
        )


def link(name: str) -> str:
    """Where the receiver's own link of this name will stand."""
    place = PLACE + name
    if not PLACEHOLDER.fullmatch(place):
        raise ValueError(f"{name!r} cannot name a link; letters, digits, _ and - can.")
    return place


def render(name: str, *, locale: str = "en", **facts: object) -> Message:
    """The message of this name, told in this locale. Works without a request."""
    # Not flask.render_template: its context processors describe the page and person of a request, a mail has neither.
    environment = current_app.jinja_env
    told = {"locale": locale, "link": link, "base_url": config().public_base_url, **facts}
    with force_locale(locale):
        subject, text, body = (
            environment.get_template(f"emails/{name}/{part}").render(told)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    return Message(
        subject=one_line(subject),
        text=_tidy(text),
        # Mailboxes cut a mail at 100 kB; the templates' indentation would be a fifth of it.
        html=_INDENTATION.sub("\n", _CONTROLS.sub("", _inliner().inline(body))),
        locale=locale,
    )


def rendered_once(name: str, *, locale: str = "en", **facts: Hashable) -> Message:
    """The same, kept ready in the process: for mails that many get with equal facts, none of which is a person's."""
    kept: dict[Hashable, Message] = current_app.extensions.setdefault("mail.rendered", {})
    key = (name, locale, *sorted(facts.items()))
    if key not in kept:
        if len(kept) >= KEPT:
            kept.clear()
        kept[key] = render(name, locale=locale, **facts)
    return kept[key]


def one_line(text: str) -> str:
    """Text fit for a header: no control characters, single spaces."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def _tidy(text: str) -> str:
    lines = [_CONTROLS.sub("", line).rstrip() for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


@functools.cache
def _inliner() -> css_inline.CSSInliner:
    # The style element stays: it holds what cannot be inlined, dark mode and the phone's width.
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
