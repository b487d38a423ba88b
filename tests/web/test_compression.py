"""Pages are compressed, and their length on the wire tells nothing."""

import gzip

from flask import Flask
from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip"}


def test_a_page_is_compressed_for_who_takes_it(client: FlaskClient) -> None:
    """A browser that takes gzip gets the same page, smaller; another gets it as it is."""
    plain = client.get("/privacy")
    packed = client.get("/privacy", headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_the_length_tells_nothing(client: FlaskClient) -> None:
    """The same page has another length each time, so that nobody on the way can guess at what it holds."""
    assert len({len(client.get("/privacy", headers=GZIP).data) for _ in range(20)}) > 5


def test_refused_encodings_are_respected(client: FlaskClient) -> None:
    """A quality of nought means no."""
    assert "Content-Encoding" not in client.get("/privacy", headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_small_and_binary_answers_are_left_alone(app: Flask) -> None:
    """Nothing is wasted on what would not get smaller."""
    app.add_url_rule("/small", "small", lambda: "ok")
    app.add_url_rule("/binary", "binary", lambda: (b"0" * 5000, {"Content-Type": "application/pdf"}))
    client = app.test_client()
    for path in ("/small", "/binary"):
        assert "Content-Encoding" not in client.get(path, headers=GZIP).headers
