"""Static files under names that carry their content, so that a browser may keep them for ever.

At start every file of `tracker/static` is copied into a cache folder as `name.<hash>.ext` with a gzip variant beside
it, and WhiteNoise serves that folder. No build step: a changed file has another name at the next start.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path, PurePosixPath

from flask import Flask, current_app
from whitenoise import WhiteNoise

PREFIX = "/static/"
STATIC = Path(__file__).resolve().parent.parent / "static"
NOT_SERVED = {"LICENSE", "README.md"}
COMPRESSED = {".css", ".js", ".svg", ".txt", ".json"}
_URL_IN_CSS = re.compile(rb"url\((?P<quote>['\"]?)(?P<path>(?!data:|#|/)[^'\")]+)(?P=quote)\)")


class UnknownAsset(LookupError):
    """A template asks for a static file that does not exist."""


@lru_cache
def _prepare(source: Path) -> tuple[dict[str, str], dict[str, bytes]]:
    """The served name of every file, and the bytes under each served name with the gzip variants; once a process."""
    names: dict[str, str] = {}
    content: dict[str, bytes] = {}
    files = [path for path in sorted(source.rglob("*")) if path.is_file() and path.name not in NOT_SERVED]
    # Style sheets last: what they point to must have its name by then.
    for path in sorted(files, key=lambda path: path.suffix == ".css"):
        name = path.relative_to(source).as_posix()
        body = path.read_bytes()
        if path.suffix == ".css":
            body = _point_to_hashed(name, body, names)
        plain = PurePosixPath(name)
        served = str(plain.with_name(f"{plain.stem}.{hashlib.sha256(body).hexdigest()[:12]}{plain.suffix}"))
        names[name] = served
        content[served] = body
        if path.suffix in COMPRESSED:
            content[served + ".gz"] = gzip.compress(body, 9, mtime=0)
    return names, content


def _point_to_hashed(name: str, body: bytes, names: dict[str, str]) -> bytes:
    base = PurePosixPath(name).parent

    def renamed(match: re.Match[bytes]) -> bytes:
        target = os.path.normpath(base / match["path"].decode())
        if target not in names:
            raise UnknownAsset(f"{name} points to {target}, which tracker/static does not have")
        return f"url({PREFIX}{names[target]})".encode()

    return _URL_IN_CSS.sub(renamed, body)


class Assets:
    """The static files of one start: `url(name)` gives the address, `folder` holds what is served."""

    def __init__(self, source: Path, cache: Path) -> None:
        self._names, content = _prepare(source)
        whole = hashlib.sha256("\n".join(sorted(content)).encode()).hexdigest()[:12]
        self.folder = cache / whole
        if not self.folder.is_dir():
            self._write(content, cache)

    def url(self, name: str) -> str:
        """The address of `tracker/static/<name>`. Raises UnknownAsset."""
        try:
            return PREFIX + self._names[name]
        except KeyError:
            raise UnknownAsset(f"tracker/static has no {name}") from None

    def _write(self, content: dict[str, bytes], cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        # Several processes may start at once: each writes a folder of its own, the first to rename wins.
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=cache))
        for name, body in content.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        try:
            draft.rename(self.folder)
        except OSError:
            shutil.rmtree(draft)
            if not self.folder.is_dir():
                raise


def asset(name: str) -> str:
    """For templates: the address of a static file, by its name in `tracker/static`."""
    assets: Assets = current_app.extensions["assets"]
    return assets.url(name)


def _headers(headers: object, path: str, url: str) -> None:
    assert hasattr(headers, "__setitem__")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def init_app(app: Flask, cache: Path) -> None:
    """Serve `tracker/static` under hashed names; copies go into `cache`, which must be writable."""
    assets = Assets(STATIC, cache)
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = asset
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(assets.folder),
        prefix=PREFIX,
        immutable_file_test=lambda path, url: True,
        allow_all_origins=False,
        add_headers_function=_headers,
        mimetypes={".woff2": "font/woff2"},
    )
