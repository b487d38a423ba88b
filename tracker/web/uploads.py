"""Requests that bring files: larger than others, only where a view says so, and nothing of them on a disk."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, Any, ParamSpec, TypeVar

from flask import Flask, Request, current_app, request, session

P = ParamSpec("P")
R = TypeVar("R")


def takes_files(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view whose form may bring files, up to `FileLimits.request_bytes` together."""
    view.takes_files = True  # type: ignore[attr-defined]  # functools.wraps carries it through access decorators
    return view


class InMemory(Request):
    """A request whose files stay in memory: Werkzeug would write large ones to the disk, in the clear."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return io.BytesIO()


def _allow(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form (the token's check does): let it be as large as its view takes.

    Only for somebody who is signed in; a stranger's large request is refused unread.
    """
    view = current_app.view_functions.get(endpoint or "")
    if getattr(view, "takes_files", False) and session.get("_user_id"):
        request.max_content_length = current_app.extensions["config"].files.request_bytes


def init_app(app: Flask) -> None:
    """Look at each request before its form is read."""
    app.request_class = InMemory
    app.url_value_preprocessor(_allow)
