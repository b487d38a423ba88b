"""Words that many receivers share, as the bytes that leave: encoded once, with gaps for what is a receiver's own.

The e-mail package parses and folds each header and encodes each line anew for each mail, which took half of a run's
time. Here it writes one mail of these words; a receiver's mail is that one with the gaps filled, and the very bytes
that the package would have written. Only lines with links are put together for each receiver.
"""

from __future__ import annotations

import functools
import html
import itertools
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email import policy, quoprimime
from email.message import EmailMessage

from tracker.mail.render import PLACEHOLDER, Message

# The usual policies fold a long List-Unsubscribe into an encoded word, which Gmail and Outlook then ignore
# (reliability.md, 0.6). None raises; 998 is the longest line that SMTP allows.
LINES = policy.SMTP.clone(max_line_length=998)
WIDTH: int = policy.SMTP.max_line_length or 78
# What is written in a header, or in quoted-printable, as it is: an address without quotes, an identity, a link.
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
PLAIN_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII | re.IGNORECASE)
_PLAIN = {
    "To": PLAIN_ADDRESS,
    "Message-ID": re.compile(r"<[\w-]+@[a-z0-9-]+(\.[a-z0-9-]+)*>", re.ASCII | re.IGNORECASE),
    "Date": re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", re.ASCII),
    "List-Unsubscribe": re.compile(r"<https?://[!-;=?-~]+>"),
}
_PLAIN_LINK = re.compile(r"[!-~]*")
# Written as it is even within quoted-printable and HTML: no sign of "&'<=> and no white space.
_SIMPLE_LINKS = re.compile(r"[!#-%(-;?-~]*")
_MARK = 0xE000  # characters of nobody: the first stands for the first link
_SHAPES = 8  # kept of one wording: links are of a few lengths
_LONGEST = 900  # characters of a header that is surely not folded

Gap = tuple[str, ...]  # a line of a body: encoded words, a link's name, encoded words …


@dataclass(frozen=True)
class Own:
    """What is a receiver's own in a mail."""

    headers: Mapping[str, str]  # To, Date, Message-ID and, if they may unsubscribe, List-Unsubscribe
    boundary: str
    links: Mapping[str, str]

    @functools.cached_property
    def is_simple(self) -> bool:
        """Whether no link needs any encoding."""
        return _SIMPLE_LINKS.fullmatch("".join(self.links.values())) is not None

    @property
    def is_plain(self) -> bool:
        """Whether all of it is written as it is; otherwise the e-mail package must be asked."""
        return all(
            len(value) < _LONGEST and _PLAIN[name].fullmatch(value) is not None for name, value in self.headers.items()
        ) and (self.is_simple or all(_PLAIN_LINK.fullmatch(link) is not None for link in self.links.values()))


Assemble = Callable[[Own, Message], EmailMessage]


def with_body(made: EmailMessage, message: Message, *, boundary: str) -> EmailMessage:
    """Add words to a mail that has its headers. Random boundaries would make other bytes of the same mail each time."""
    made.set_content(message.text, cte="quoted-printable")
    made.add_alternative(message.html, subtype="html", cte="quoted-printable")
    made["Content-Language"] = message.locale  # only now: add_alternative moves what begins with "Content-"
    made.set_boundary(boundary)
    return made


class Wording:
    """Some words as bytes with gaps, for receivers whose mails have the same headers."""

    def __init__(self, message: Message, like: Own, assemble: Assemble) -> None:
        mark = secrets.token_hex(16)  # nobody can have written it into the words
        marked = Message(message.subject, f"text{mark}\n", f"html{mark}\n", message.locale)
        made = assemble(Own(like.headers, f"=_{mark}", {}), marked).as_bytes(policy=LINES)
        head, _blank, body = made.partition(b"\r\n\r\n")
        self._pieces: list[bytes | str | Gap] = []
        for line in head.split(b"\r\n"):
            name = line.partition(b":")[0].decode("ascii", "replace")
            if name in like.headers:
                self._pieces += [f"{name}: ".encode(), name, b"\r\n"]
            else:
                self._add(line + b"\r\n", mark.encode())
        before, between_and_after = body.split(f"text{mark}".encode())
        between, after = between_and_after.split(f"html{mark}".encode())
        self._add(b"\r\n" + before, mark.encode())
        self._pieces += _lines(message.text)
        self._add(between, mark.encode())
        self._pieces += _lines(message.html, is_html=True)
        self._add(after, mark.encode())
        self._pieces = _merged(self._pieces)
        self._linked = sorted(message.link_names())
        self._shapes: dict[tuple[int, ...], _Shape] = {}

    def _add(self, words: bytes, mark: bytes) -> None:
        first, *others = words.split(b"=_" + mark)
        self._pieces.append(first)
        for other in others:
            self._pieces += ["boundary", other]

    def filled(self, own: Own) -> bytes:
        """One receiver's mail, in whole lines that end with CR and LF. Raises KeyError for a missing link."""
        if own.is_simple:
            links = [own.links[name] for name in self._linked]
            lengths = tuple(map(len, links))
            shape = self._shapes.get(lengths)
            if shape is None:
                if len(self._shapes) >= _SHAPES:
                    self._shapes.clear()
                shape = self._shapes[lengths] = _Shape(self._pieces, dict(zip(self._linked, lengths, strict=True)))
            return shape.filled(own, links)
        return self._put_together(own)

    def _put_together(self, own: Own) -> bytes:
        values = {name: value.encode() for name, value in own.headers.items()} | {"boundary": own.boundary.encode()}
        links: dict[str, str] = {}
        for name, link in own.links.items():
            links[name] = link.replace("=", "=3D")
            links[f"html {name}"] = html.escape(link).replace("=", "=3D")
        parts = []
        for piece in self._pieces:
            if isinstance(piece, bytes):
                parts.append(piece)
            elif isinstance(piece, str):
                parts.append(values[piece])
            else:
                words = "".join(links[part] if at % 2 else part for at, part in enumerate(piece))
                parts.append(_wrapped(words).encode("ascii"))
        return b"".join(parts)


class _Shape:
    """The same for receivers whose links are of the same lengths: where lines are wrapped is the same for all."""

    def __init__(self, pieces: Sequence[bytes | str | Gap], lengths: Mapping[str, int]) -> None:
        marks = {name: chr(_MARK + at) * length for at, (name, length) in enumerate(lengths.items())}
        by_letter = {mark[:1]: len(mark) for mark in marks.values()}
        marks |= {f"html {name}": mark for name, mark in marks.items()}
        self._steps: list[bytes | str | tuple[int, int, int]] = []
        for piece in pieces:
            if not isinstance(piece, tuple):
                self._steps.append(piece)
                continue
            line = _wrapped("".join(marks[part] if at % 2 else part for at, part in enumerate(piece)))
            taken: dict[str, int] = {}
            for letter, run in itertools.groupby(line, lambda one: one if ord(one) >= _MARK else ""):
                words = "".join(run)
                while letter and words:  # a link may follow itself
                    start = taken.get(letter, 0)
                    part, words = words[: by_letter[letter] - start], words[by_letter[letter] - start :]
                    taken[letter] = (start + len(part)) % by_letter[letter]
                    self._steps.append((ord(letter) - _MARK, start, start + len(part)))
                if words:
                    self._steps.append(words.encode("ascii"))

    def filled(self, own: Own, links: Sequence[str]) -> bytes:
        """One receiver's mail."""
        values = {name: value.encode() for name, value in own.headers.items()}
        values["boundary"] = own.boundary.encode()
        encoded = [link.encode() for link in links]
        parts = []
        for step in self._steps:
            if isinstance(step, bytes):
                parts.append(step)
            elif isinstance(step, str):
                parts.append(values[step])
            else:
                number, start, stop = step
                parts.append(encoded[number][start:stop])
        return b"".join(parts)


def _lines(text: str, *, is_html: bool = False) -> list[bytes | str | Gap]:
    """The lines of a body in quoted-printable; those with links in them as gaps."""
    pieces: list[bytes | str | Gap] = []
    for number, raw in enumerate(text.encode().splitlines()):
        line = raw.decode()
        if number:
            pieces.append(b"\r\n")
        words = PLACEHOLDER.split(line)  # words, a link's name, words …
        if len(words) == 1:
            pieces.append(quoprimime.body_encode(raw.decode("latin-1"), WIDTH, "\r\n").encode("ascii"))
            continue
        kind = "html " if is_html else ""
        pieces.append(tuple(kind + part if at % 2 else _encoded(part) for at, part in enumerate(words)))
    return pieces


def _encoded(words: str) -> str:
    """Words within a line in quoted-printable, not wrapped."""
    # With a letter behind, so that white space is not at the end of a line.
    return quoprimime.body_encode(words.encode().decode("latin-1") + "x", 10**9)[:-1]


def _wrapped(line: str) -> str:
    """An encoded line with soft breaks, where email.quoprimime.body_encode makes them."""
    parts, start, last = [], 0, len(line) - 1 - WIDTH
    while start <= last:
        stop = start + WIDTH - 1
        # Not within an escape sequence.
        if line[stop - 2] == "=":
            stop -= 2
        elif line[stop - 1] == "=":
            stop -= 1
        parts.append(line[start:stop])
        start = stop
    end = line[start:]
    if end.endswith((" ", "\t")):  # servers cut off what is white at the end of a line
        space, room = end[-1], start - last
        end = end[:-1] + (quoprimime.quote(space) if room >= 3 else f"{space}=\r\n" if room == 2 else "")
        parts += [end] if room >= 2 else [end, quoprimime.quote(space)]
    else:
        parts.append(end)
    return "=\r\n".join(parts)


def _merged(pieces: list[bytes | str | Gap]) -> list[bytes | str | Gap]:
    """The same with neighbouring bytes put together."""
    merged: list[bytes | str | Gap] = []
    for piece in pieces:
        if isinstance(piece, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged
