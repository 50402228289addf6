"""``eventlet.listen`` and ``connect`` as calls of ``socket``. No codemod itself.

Builds calls from calls, by what the arguments say. Knows nothing of processes; what is
not said by the arguments themselves is repeated at run time, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import libcst as cst

from deventlet.codemod import Context, Refuse, Site
from deventlet_codemods._arguments import added, by_name, on_one_line, without
from deventlet_codemods._nodes import within

LISTEN = ("addr", "family", "backlog", "reuse_addr", "reuse_port")
_CONNECT = ("addr", "family", "bind")
BACKLOG = "50"
"""What ``eventlet.listen`` takes by default; ``create_server`` takes the system's."""

_FAMILIES = ("AF_INET", "AF_INET6", "AF_UNIX")
_MAPPED = "::ffff:"


@dataclass(frozen=True, slots=True)
class Called:
    """A call with its arguments by the names of their parameters."""

    call: cst.Call
    given: Mapping[str, cst.BaseExpression]

    def index(self, name: str) -> int | None:
        """Where an argument stands."""
        values = [argument.value for argument in self.call.args]
        return values.index(self.given[name]) if name in self.given else None


def arguments(call: cst.Call, names: tuple[str, ...]) -> Called | None:
    """A call with what it gives for each parameter; None if that cannot be told."""
    given: dict[str, cst.BaseExpression] = {}
    for index, argument in enumerate(call.args):
        keyword = argument.keyword.value if argument.keyword else ""
        if argument.star or (not keyword and index >= len(names)):
            return None
        name = keyword or names[index]
        if name not in names or name in given:
            return None
        given[name] = argument.value
    return Called(call, given)


# -- listen ----------------------------------------------------------------


def listening(call: cst.Call, site: Site, context: Context) -> cst.Call | Refuse:
    """``eventlet.listen(…)`` as a call of ``socket.create_server``."""
    called = arguments(call, LISTEN)
    if called is None or "addr" not in called.given:
        return Refuse("servers.arguments")
    last = call.args[-1].comma
    if isinstance(last, cst.Comma) and any(within(last, cst.Comment)):
        return Refuse("comment.inside")
    if not is_word(called.given.get("reuse_addr"), "True"):
        return Refuse("servers.reuse-addr")
    options = _options(called, site, context)
    if isinstance(options, Refuse):
        return options
    changed = _renamed(called, {"family": "family", "backlog": "backlog"})
    changed = _drop(changed, called, ("reuse_port", "reuse_addr"))
    if "backlog" not in called.given:
        options = {"backlog": cst.Integer(BACKLOG), **options}
    named = context.names.name_of("socket", "create_server")
    more = len(changed.args) + len(options) > len(call.args)
    changed = on_one_line(changed) if more else changed
    return added(changed, options).with_changes(func=named)


_Options = dict[str, cst.BaseExpression]


def _options(called: Called, site: Site, context: Context) -> _Options | Refuse:
    """``reuse_port`` and ``dualstack_ipv6`` as Eventlet sets them."""
    family = _family(called.given.get("family"), site, context)
    if not family and not _is_plain(called.given["family"]):
        return Refuse("servers.computed", _code(called.given["family"]))
    reuse = reuse_port(called, family, site, context)
    if isinstance(reuse, Refuse):
        return reuse
    options = {"reuse_port": reuse} if reuse is not None else {}
    both = _both_versions(called, family, context)
    return {**options, "dualstack_ipv6": both} if both is not None else options


def _family(
    value: cst.BaseExpression | None, site: Site, context: Context, depth: int = 0
) -> str:
    """The name of the address family; empty if it is not known."""
    if value is None:
        return "AF_INET"
    name = _last(value)
    if name in _FAMILIES:
        return name
    if isinstance(value, cst.Name) and not depth:
        bound = context.names.value(value.value, site)
        return _family(bound, site, context, 1) if bound is not None else ""
    return ""


def reuse_port(
    called: Called, family: str, site: Site, context: Context
) -> cst.BaseExpression | Refuse | None:
    """What ``reuse_port`` has to be; None for the default, which is False."""
    given = called.given.get("reuse_port")
    if given is not None and not is_word(given, "None"):
        known = isinstance(given, cst.Name) and given.value in ("True", "False")
        if not known:
            return Refuse("servers.computed", _code(given))
        return given if is_word(given, "True") else None
    if family == "AF_UNIX":
        return None  # it says nothing there
    address = called.given["addr"]
    port = _port(address, site, context)
    if port is None:
        return Refuse("servers.computed", _code(address))
    number = _number(port, site, context)
    if number is not None:
        return cst.Name("True") if number else None
    if not _is_plain(port):
        return Refuse("servers.computed", _code(port))
    return _compared(port, cst.NotEqual(), cst.Integer("0"))


def _port(
    address: cst.BaseExpression, site: Site, context: Context
) -> cst.BaseExpression | None:
    """An expression for the port of an address; None if there is none to repeat."""
    if isinstance(address, cst.Tuple):
        return _second(address)
    if isinstance(address, cst.Name):
        bound = context.names.value(address.value, site)
        port = _second(bound) if isinstance(bound, cst.Tuple) else None
        if isinstance(port, cst.Integer):
            return port
    if not _is_plain(address):
        return None
    index = cst.SubscriptElement(cst.Index(cst.Integer("1")))
    return cst.Subscript(_bare(address), [index])


def _second(address: cst.Tuple) -> cst.BaseExpression | None:
    """The second element of a tuple, unless one before it is starred."""
    if len(address.elements) < 2:
        return None
    elements = address.elements[:2]
    if any(isinstance(each, cst.StarredElement) for each in elements):
        return None
    return elements[1].value


def _number(port: cst.BaseExpression, site: Site, context: Context) -> int | None:
    if isinstance(port, cst.Integer):
        return port.evaluated_value
    if isinstance(port, cst.Name):
        number = context.names.number(port.value, site)
        return None if number is None else int(number)
    return None


def _both_versions(
    called: Called, family: str, context: Context
) -> cst.BaseExpression | None:
    """Whether IPv4 is served as well, as the system has it by default on ``::``."""
    if family in ("AF_INET", "AF_UNIX"):
        return None
    if not family:
        six = context.names.name_of("socket", "AF_INET6")
        return _compared(_bare(called.given["family"]), cst.Equal(), six)
    address = called.given["addr"]
    host = address.elements[0].value if isinstance(address, cst.Tuple) else None
    said = host.evaluated_value if isinstance(host, cst.SimpleString) else None
    if isinstance(said, str) and said.strip(":") and _MAPPED not in said.lower():
        return None
    return cst.Name("True")


# -- connect ---------------------------------------------------------------


def connecting(
    call: cst.Call, site: Site, context: Context
) -> tuple[cst.Call, tuple[str, ...]] | Refuse:
    """``eventlet.connect(…)`` as ``socket.create_connection``, with its caveats."""
    called = arguments(call, _CONNECT)
    if called is None or "addr" not in called.given:
        return Refuse("servers.arguments")
    if _family(called.given.get("family"), site, context) != "AF_INET":
        return Refuse("servers.family")
    changed = _renamed(called, {"bind": "source_address"})
    changed = _drop(changed, called, ("family",))
    named = context.names.name_of("socket", "create_connection")
    caveats = () if is_four(called.given["addr"]) else ("servers.ipv6",)
    return changed.with_changes(func=named), caveats


def is_four(address: cst.BaseExpression) -> bool:
    """Whether a host is written as an IPv4 address."""
    host = address.elements[0].value if isinstance(address, cst.Tuple) else None
    said = host.evaluated_value if isinstance(host, cst.SimpleString) else None
    parts = said.split(".") if isinstance(said, str) else []
    return len(parts) == 4 and all(part.isdecimal() for part in parts)


# -- calls and expressions -------------------------------------------------


def _renamed(called: Called, names: Mapping[str, str]) -> cst.Call:
    """The call with the names that its parameters have in ``socket``."""
    changed = list(called.call.args)
    for old, new in {"addr": "address", **names}.items():
        index = called.index(old)
        if index == 0 and old == "addr":
            plain = cst.MaybeSentinel.DEFAULT
            changed[0] = changed[0].with_changes(keyword=None, equal=plain)
        elif index is not None:
            changed[index] = by_name(new, changed[index])
    return called.call.with_changes(args=changed)


def _drop(call: cst.Call, called: Called, names: tuple[str, ...]) -> cst.Call:
    """The call without some of the arguments."""
    indexes = sorted(i for i in map(called.index, names) if i is not None)
    for index in reversed(indexes):
        call = without(call, index)
    return call


def _compared(
    left: cst.BaseExpression, operator: cst.BaseCompOp, right: cst.BaseExpression
) -> cst.Comparison:
    return cst.Comparison(left, [cst.ComparisonTarget(operator, right)])


def is_word(value: cst.BaseExpression | None, word: str) -> bool:
    """Whether an argument is a constant's name, or not given."""
    return value is None or (isinstance(value, cst.Name) and value.value == word)


_CHANGING = (cst.Call, cst.Await, cst.NamedExpr, cst.Yield)


def _is_plain(value: cst.BaseExpression) -> bool:
    """Whether evaluating it again gives the same: names, attributes, elements."""
    held = isinstance(value, (cst.Name, cst.Attribute, cst.Subscript))
    return held and not any(any(within(value, each)) for each in _CHANGING)


def _bare(value: cst.BaseExpression) -> cst.BaseExpression:
    """An expression to be repeated, on one line and without comments."""
    return cst.parse_expression(_code(value))


def _code(value: cst.BaseExpression) -> str:
    return " ".join(cst.Module([]).code_for_node(value).split())


def _last(value: cst.BaseExpression) -> str:
    """The last part of a dotted name."""
    if isinstance(value, cst.Attribute):
        return value.attr.value
    return value.value if isinstance(value, cst.Name) else ""
