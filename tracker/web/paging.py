"""Which page of a long list the address asks for."""

from __future__ import annotations

from flask import request


def page_of(total: int, per_page: int, name: str = "page") -> tuple[int, int]:
    """The page that `?page=` asks for, from 1 and no further than the last, and how many there are (at least 1).

    Where one address has two lists, the second one's page goes by another name.
    """
    pages = max(1, -(-total // per_page))
    wanted = request.args.get(name, "1")
    # isdecimal, not isdigit: "²" is a digit that int() refuses.
    page = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else 1
    return min(max(1, page), pages), pages
