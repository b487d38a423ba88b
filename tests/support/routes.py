"""Routes are compiled once a process, not once an app: each test makes an app of some 450 routes. Werkzeug reads the
words of each, and turns each into two functions through the ast module: nine tenths of the time of `create_app()`.

What comes of it depends on the route's words alone (no app here has a converter of its own); the route itself, its map
and its converters are bound afterwards.
"""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.routing import Rule
from werkzeug.routing.rules import RulePart

_compile, _parse = Rule._compile_builder, Rule._parse_rule
_builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
_parsed: dict[str, tuple[list[RulePart], list[tuple[bool, str]], list[tuple[str, str, Any]]]] = {}


def _remembered_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    if rule.defaults:  # written into the function by a converter of this very map
        return _compile(rule, append_unknown)
    words = (tuple(rule._trace), append_unknown)
    if words not in _builders:
        _builders[words] = _compile(rule, append_unknown)
    return _builders[words]


class _Noting(Rule):
    """A route that notes which converters its words ask for."""

    asked: list[tuple[str, str, Any]]

    def get_converter(self, variable_name: str, converter_name: str, args: Any, kwargs: Any) -> Any:
        """The converter, noted."""
        self.asked.append((variable_name, converter_name, (args, kwargs)))
        return super().get_converter(variable_name, converter_name, args, kwargs)


def _remembered_parts(rule: Rule, words: str) -> Iterable[RulePart]:
    if words not in _parsed:
        noting = _Noting(rule.rule)
        noting.map, noting.asked, noting._trace, noting._converters = rule.map, [], [], {}
        _parsed[words] = (list(_parse(noting, words)), noting._trace, noting.asked)
    parts, trace, asked = _parsed[words]
    for variable, name, (positional, named) in asked:
        rule._converters[variable] = rule.get_converter(variable, name, positional, named)
        rule.arguments.add(variable)
    rule._trace.extend(trace)
    return parts


def remember_compiled_routes() -> None:
    """Let every app of this process share the compiled functions and the read words of equal routes."""
    Rule._compile_builder = _remembered_builder  # type: ignore[method-assign]
    Rule._parse_rule = _remembered_parts  # type: ignore[method-assign]
