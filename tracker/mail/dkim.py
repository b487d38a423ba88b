"""The signature of a mail's sender's domain (RFC 6376), over the very bytes that leave.

Made at each try: all else of a mail stays the same, this header tells its own time.
"""

from __future__ import annotations

from tracker.config import Mail

# Over-signed: named once more than they occur, so that nobody can add another.
_OVERSIGNED = (b"From", b"To", b"Subject", b"Date")
_SIGNED = (
    b"Message-ID", b"MIME-Version", b"Content-Type", b"Content-Language", b"Auto-Submitted", b"List-Id",
    b"List-Unsubscribe", b"List-Unsubscribe-Post", b"Feedback-ID",
)  # fmt: skip


def signed(data: bytes, *, domain: str, mail: Mail) -> bytes:
    """The same bytes with the header in front. Raises ValueError when the key cannot be used."""
    import dkim  # 6 MB that an instance without a key can do without

    head = data.partition(b"\r\n\r\n")[0].lower()
    present = [name for name in _SIGNED if b"\r\n" + name.lower() + b":" in b"\r\n" + head]
    try:
        header: bytes = dkim.sign(
            data,
            selector=mail.dkim_selector.encode(),
            domain=domain.encode("idna"),
            privkey=mail.dkim_key,
            include_headers=[*_OVERSIGNED, *_OVERSIGNED, *present],
        )
    except dkim.DKIMException as error:
        raise ValueError(f"DKIM_KEY cannot sign: {error}.") from error
    return header + data
