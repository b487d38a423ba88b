"""Pictures inside documents, without what tells of camera, place and program. Their pixels are not touched."""

from __future__ import annotations

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
# JFIF and Adobe's mark say how to draw; every other APPn, and comments, only tell.
_KEPT_NOTES = {0xE0, 0xEE}
_NOTES = {*range(0xE0, 0xF0), 0xFE}


def without_notes(jpeg: bytes) -> bytes:
    """The same picture (ITU-T T.81, annex B). What is not a JPEG to the end of its headers is given back as it is."""
    if jpeg[:2] != b"\xff\xd8":
        return jpeg
    kept, place = bytearray(jpeg[:2]), 2
    while place + 4 <= len(jpeg):
        if jpeg[place] != 0xFF:
            return jpeg
        mark = jpeg[place + 1]
        if mark == 0xFF:  # a mark may be preceded by any number of these
            place += 1
            continue
        length = int.from_bytes(jpeg[place + 2 : place + 4])
        end = place + 2 + length
        if length < 2 or end > len(jpeg):
            return jpeg
        if mark == _SCAN:
            last = jpeg.rfind(b"\xff\xd9")
            return bytes(kept) + jpeg[place : last + 2 if last > place else len(jpeg)]
        if mark not in _NOTES or mark in _KEPT_NOTES:
            kept += jpeg[place:end]
        place = end
    return jpeg


_PNG = b"\x89PNG\r\n\x1a\n"
# What draws (PNG specification, 3rd edition, section 11): no text, no EXIF, no time, no colour profile with a name.
_DRAWING = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"bKGD", b"pHYs", b"sBIT",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip


def without_texts(png: bytes) -> bytes:
    """The same drawing with nothing but its drawing chunks, and nothing after its end; or as it is, if it has none."""
    kept, place = bytearray(_PNG), len(_PNG)
    while png.startswith(_PNG) and place + 12 <= len(png):
        end = place + 12 + int.from_bytes(png[place : place + 4])
        name = png[place + 4 : place + 8]
        if end > len(png):
            break
        if name in _DRAWING:
            kept += png[place:end]
        if name == b"IEND":
            return bytes(kept)
        place = end
    return png
