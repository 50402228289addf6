"""How a call looks with other arguments, or in another place. No codemod itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import libcst as cst

from deventlet_codemods._nodes import within


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
            argument = by_name(name, argument)
            last = index == len(arguments) - 1
            if not last and _breaks(ahead) and not _breaks(argument.comma):
                argument = argument.with_changes(comma=ahead)
        found.append(argument)
    return found


def by_name(name: str, argument: cst.Arg) -> cst.Arg:
    """An argument that is given by keyword."""
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return argument.with_changes(keyword=cst.Name(name), equal=tight)


def added(call: cst.Call, arguments: Mapping[str, cst.BaseExpression]) -> cst.Call:
    """The call with more arguments by keyword, each on a line as its others are.

    Nothing may be said in a comment behind the last one, which would change its place.
    """
    for name, value in arguments.items():
        call = _with_one_more(call, by_name(name, cst.Arg(value)))
    return call


def _with_one_more(call: cst.Call, argument: cst.Arg) -> cst.Call:
    if not call.args:
        return call.with_changes(args=[argument])
    last = call.args[-1]
    apart = _apart(call.args[-2].comma if len(call.args) > 1 else None, call)
    argument = argument.with_changes(
        comma=last.comma, whitespace_after_arg=last.whitespace_after_arg
    )
    last = last.with_changes(comma=apart, whitespace_after_arg=cst.SimpleWhitespace(""))
    return call.with_changes(args=[*call.args[:-1], last, argument])


def _apart(comma: _Comma | None, call: cst.Call) -> _Comma:
    """What stands before one more argument: what does before the others."""
    space: object = call.whitespace_before_args
    if isinstance(comma, cst.Comma):
        space = comma.whitespace_after
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return cst.MaybeSentinel.DEFAULT
    line = cst.TrailingWhitespace(newline=space.first_line.newline)
    return cst.Comma(
        whitespace_after=space.with_changes(first_line=line, empty_lines=[])
    )


def _breaks(comma: _Comma) -> bool:
    """Whether a new line begins behind a comma."""
    if isinstance(comma, cst.MaybeSentinel):
        return False
    return "\n" in cst.Module([]).code_for_node(comma)


_STEP = "    "


def hanging(call: cst.Call) -> cst.Call:
    """A call of a statement whose arguments, if on several lines, begin on the next.

    So that they fit whatever stands before the call, and stay aligned. What hangs
    under no column of the first line is aligned anyway: ``pool.spawn(f, {``.
    """
    before = call.whitespace_before_args
    broken = any(within(call, cst.ParenthesizedWhitespace))
    if not broken or isinstance(before, cst.ParenthesizedWhitespace):
        return call
    first, *_ = cst.Module([]).code_for_node(call).split("\n")
    if first.endswith(("(", "[", "{")) and not any(_breaks(a.comma) for a in call.args):
        return call
    behind = len(cst.Module([]).code_for_node(call.func)) + 1
    found = call.visit(_Lines(_Hanging(behind - len(_STEP))))
    assert isinstance(found, cst.Call)
    newline = cst.ParenthesizedWhitespace(
        indent=True, last_line=cst.SimpleWhitespace(_STEP)
    )
    return found.with_changes(whitespace_before_args=newline)


class _Hanging:
    """The indentations of the lines of a call, each asked for once, in order.

    :param less: by how much what hangs under the call's bracket moves to the left.
    """

    def __init__(self, less: int) -> None:
        self._less = less
        self._left: int | None = None

    def __call__(self, last: str) -> str:
        if self._left is not None and len(last) > self._left:
            return last  # under a bracket of a line that does not move
        stays = len(last) - self._less < len(_STEP)
        self._left = len(last) if stays else None
        return " " * max(len(_STEP), len(last) - self._less)


def on_one_line(call: cst.Call) -> cst.Call:
    """A call whose arguments hang under its bracket, for the driver to break anew.

    One whose arguments begin on the next line, or that has a comment, stays.
    """
    hangs = not isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace)
    if not hangs or any(within(call, cst.Comment)):
        return call
    found = call.visit(_Joined())
    assert isinstance(found, cst.Call)
    none = cst.SimpleWhitespace("")
    last = found.args[-1].with_changes(whitespace_after_arg=none)
    return found.with_changes(args=[*found.args[:-1], last])


def moved(old: cst.Call, new: cst.Call) -> cst.Call:
    """A call whose arguments stay aligned under its bracket, which has moved.

    For one that has lost a line, so that the emitter cannot tell line by line.
    """
    if isinstance(old.whitespace_before_args, cst.ParenthesizedWhitespace):
        return new
    code = cst.Module([]).code_for_node
    by = len(code(new.func)) - len(code(old.func))

    def shifted(last: str) -> str:
        space = last + " " * max(0, by)
        return space[:by] if by < 0 and space[by:].isspace() else space

    return new.with_changes(args=[each.visit(_Lines(shifted)) for each in new.args])


class _Lines(cst.CSTTransformer):
    """Gives the lines behind line ends within parentheses other indentations."""

    def __init__(self, indent: Callable[[str], str]) -> None:
        super().__init__()
        self.indent = indent

    def leave_ParenthesizedWhitespace(  # noqa: N802
        self,
        original_node: cst.ParenthesizedWhitespace,
        updated_node: cst.ParenthesizedWhitespace,
    ) -> cst.ParenthesizedWhitespace:
        last = self.indent(updated_node.last_line.value)
        return updated_node.with_changes(last_line=cst.SimpleWhitespace(last))


class _Joined(cst.CSTTransformer):
    """Puts what is within parentheses on one line."""

    def leave_ParenthesizedWhitespace(  # noqa: N802
        self,
        original_node: cst.ParenthesizedWhitespace,
        updated_node: cst.ParenthesizedWhitespace,
    ) -> cst.SimpleWhitespace:
        return cst.SimpleWhitespace(" ")
