"""QR codes, drawn here: dark on white in every theme, since cameras want it so."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def drawn(address: str) -> str:
    """A QR code of an address as an SVG document."""
    picture = io.BytesIO()
    made = segno.make(address, error="m")
    made.save(picture, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False)
    return picture.getvalue().decode()


def drawn_inline(address: str) -> Markup:
    """The same for inside a page; an address with a code in it is never asked for as a picture of its own."""
    made = segno.make(address, error="m")
    return Markup(made.svg_inline(border=2, dark="#000", light="#fff", omitsize=True))  # noqa: S704 - drawn by us
