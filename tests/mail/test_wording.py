"""Shared words, encoded once: the very bytes that the e-mail package writes for each receiver alone."""

import random
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from tracker.mail.render import Message, link
from tracker.mail.wording import LINES, Own, Wording, with_body

SOME = ("word ", "=", "ü", "漢", ".", " ", "\t", "x" * 77, "é" * 30, "\n", "\n.", "\r\n", "\n\n", "From ", "&")
LINKS = {
    "go": "https://x.example/?a=1&b='2'",
    "stop_it": "https://x.example/" + "t" * 150,
    "unsubscribe": "https://u.x/",
}
OWN = Own(
    {
        "To": "a@example.org", "Date": "Mon, 23 Nov 2026 08:00:00 +0000", "Message-ID": "<a-_1@example.org>",
        "List-Unsubscribe": "<https://example.org/u/" + "y" * 300 + "?a=1>",
    },
    "=_one",
    LINKS,
)  # fmt: skip
OTHER = Own(
    {**OWN.headers, "To": "b.o+x@sub.example.net"}, "=_other", {name: f"{one}=2" for name, one in LINKS.items()}
)


# Links that need no encoding, of two receivers: equally long, or not.
SIMPLE = Own(OWN.headers, "=_simple", {"go": "https://x.example/a", "stop_it": "s" * 150, "unsubscribe": "."})
SIMPLER = Own(OWN.headers, "=_simpler", {"go": "https://x.example/b", "stop_it": "t" * 150, "unsubscribe": "u"})


def assembled(own: Own, message: Message) -> EmailMessage:
    made = EmailMessage(policy=policy.SMTP)
    made["From"] = Address(display_name="Ü, with a comma", addr_spec="u@example.org")
    for name in ("To", "Date"):
        made[name] = own.headers[name]
    made["Subject"] = message.subject
    for name in ("Message-ID", "List-Unsubscribe"):
        made[name] = own.headers[name]
    return with_body(made, message, boundary=own.boundary)


def by_the_package(own: Own, message: Message) -> bytes:
    return assembled(own, message.filled(own.links)).as_bytes(policy=LINES)


@pytest.mark.parametrize("seed", range(40))
def test_the_bytes_of_the_package(seed: int) -> None:
    """Whatever the words, also with links in the middle of long lines, before white space and beside escapes."""
    chance = random.Random(seed)
    parts = [*SOME, *(link(name) + end for name in LINKS for end in (" ", '"', "\n", "/" + link(name) + "\n"))]
    text, words = ("".join(chance.choices(parts, k=chance.randrange(120))) for _ in range(2))
    message = Message(f"{chance.choice(SOME).strip()} subject {'ß' * chance.randrange(90)}", text, words)
    wording = Wording(message, OWN, assembled)
    for own in (OWN, OTHER, SIMPLE, SIMPLER):
        data = wording.filled(own)
        assert data == by_the_package(own, message)
        assert data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n") and data.endswith(b"\r\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("To", "ädä@example.org"), ("To", '"a b"@example.org'), ("To", "a@example.org\r\nBcc: b@example.org"),
        ("To", "a@example.org, b@example.org"), ("To", "a..b@example.org"), ("To", "a" * 900 + "@example.org"),
        ("Message-ID", "<a b@example.org>"), ("List-Unsubscribe", "<https://a.example/ b>"),
        ("List-Unsubscribe", "<https://a.example/\r\nBcc: b>"), ("List-Unsubscribe", "<mailto:a@example.org>"),
        ("Date", "yesterday"),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_package(name: str, value: str) -> None:
    """Nothing that the package would quote, fold or refuse gets into a gap."""
    assert OWN.is_plain
    assert not Own({**OWN.headers, name: value}, "=_one", LINKS).is_plain


@pytest.mark.parametrize("url", ["https://x.example/a b", "https://x.example/ü", "https://x.example/\r\n.\r\n"])
def test_a_link_that_is_not_plain(url: str) -> None:
    """Nor a link of other letters, or with a line's end."""
    assert not Own(OWN.headers, "=_one", {"go": url}).is_plain


def test_a_missing_link_is_an_error() -> None:
    """Nobody gets a mail with another's link, or with none."""
    wording = Wording(Message("s", link("go"), link("go")), OWN, assembled)
    with pytest.raises(KeyError):
        wording.filled(Own(OWN.headers, "=_one", {}))
