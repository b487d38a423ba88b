"""Routes are compiled once a process, not once an app: each test makes an app of some 450 routes, and Werkzeug turns
each into two functions through the ast module, which took nine tenths of the time of `create_app()`.

What such a function does depends on the route's words alone; the route itself is bound to it afterwards.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder
_known: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}


def _remembered(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    if rule.defaults:  # written into the function by a converter of this very map
        return _compile(rule, append_unknown)
    words = (tuple(rule._trace), append_unknown)
    if words not in _known:
        _known[words] = _compile(rule, append_unknown)
    return _known[words]


def remember_compiled_routes() -> None:
    """Let every app of this process share the compiled functions of equal routes."""
    Rule._compile_builder = _remembered  # type: ignore[method-assign]
