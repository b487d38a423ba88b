"""Pages go over the wire compressed; static files are compressed once, in `web/assets.py`."""

from __future__ import annotations

import gzip
import io
import secrets

from flask import Flask, Response, request

COMPRESSED = {"text/html", "text/plain", "text/csv", "application/json", "application/atom+xml"}
WORTH_IT = 1_000  # bytes; below, the header eats what is won
LEVEL = 6
# A page mixes the reader's secrets (the CSRF token) with words others chose, so its compressed length must tell
# nothing: a random file name in the gzip header hides it ("Heal the BREACH", Palacios et al. 2022; Django does the
# same). Our SameSite cookie keeps other sites from asking for such pages in the first place.
LONGEST_NAME = 100


def compress(response: Response) -> Response:
    """Compress a page for a browser that takes gzip; leave streams, ranges and what is encoded already."""
    response.vary.add("Accept-Encoding")
    if (
        response.mimetype not in COMPRESSED
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or response.status_code in (204, 206, 304)
        or not request.accept_encodings["gzip"]
    ):
        return response
    body = response.get_data()
    if len(body) < WORTH_IT:
        return response
    packed = io.BytesIO()
    name = "x" * secrets.randbelow(LONGEST_NAME)
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=LEVEL, fileobj=packed, mtime=0) as file:
        file.write(body)
    response.set_data(packed.getvalue())
    response.headers["Content-Encoding"] = "gzip"
    if "ETag" in response.headers:
        response.headers["ETag"] = f"W/{response.headers['ETag'].removeprefix('W/')}"
    return response


def init_app(app: Flask) -> None:
    """Compress every answer that is worth it."""
    app.after_request(compress)
