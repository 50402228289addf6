"""How a call looks without one of its arguments. No codemod itself."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst


def without(call: cst.Call, index: int, following: Sequence[str] = ()) -> cst.Call:
    """The call without its argument at ``index``, on the same lines as before.

    :param following: names of the parameters behind it: what is given for them by
        position is given by keyword then.
    """
    gone = call.args[index]
    before = list(call.args[:index])
    after = list(call.args[index + 1 :])
    if gone.keyword is None:
        after = _named(after, following, before[-1].comma if before else gone.comma)
    if before:
        last = before[-1]
        inline = after and not _breaks(gone.comma) and _breaks(last.comma)
        before[-1] = last.with_changes(
            comma=last.comma if inline else gone.comma,
            whitespace_after_arg=gone.whitespace_after_arg,
        )
    return call.with_changes(args=[*before, *after])


_Comma = cst.Comma | cst.MaybeSentinel


def _named(
    arguments: Sequence[cst.Arg], names: Sequence[str], ahead: _Comma
) -> list[cst.Arg]:
    """Arguments with the names of their parameters, and so longer.

    Where the first of them stands at the beginning of a line, each gets its own.
    """
    found: list[cst.Arg] = []
    for index, argument in enumerate(arguments):
        name = names[index] if index < len(names) else ""
        if argument.keyword is None and not argument.star and name:
            argument = _by_name(name, argument)
            last = index == len(arguments) - 1
            if not last and _breaks(ahead) and not _breaks(argument.comma):
                argument = argument.with_changes(comma=ahead)
        found.append(argument)
    return found


def _by_name(name: str, argument: cst.Arg) -> cst.Arg:
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return argument.with_changes(keyword=cst.Name(name), equal=tight)


def _breaks(comma: _Comma) -> bool:
    """Whether a new line begins behind a comma."""
    if isinstance(comma, cst.MaybeSentinel):
        return False
    return "\n" in cst.Module([]).code_for_node(comma)
