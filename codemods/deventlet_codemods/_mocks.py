"""What all codemods of classes ask of a mock of one. No codemod itself.

A mock moves if the class in its place is called alike, and what the test sets up or
asserts on the objects that it makes is there under the same name.
"""

from __future__ import annotations

from collections.abc import Collection

from deventlet.codemod import (
    Context,
    Decision,
    Mocked,
    Refuse,
    Replace,
    Retarget,
    Rewrite,
    Subject,
)

_OF_ANY_MOCK = frozenset({
    "called", "call_count", "call_args", "call_args_list", "mock_calls",
    "method_calls", "side_effect", "return_value", "reset_mock", "configure_mock",
    "mock_add_spec", "attach_mock",
})  # fmt: skip
_MADE = "return_value"


def class_mock(
    subject: Subject,
    context: Context,
    module: str,
    name: str,
    members: Collection[str],
) -> Decision:
    """Decide a mock of a class, or of one of its members, by what the test asks.

    :param module: where the class in its place is, and ``name`` what it is called.
    :param members: what its objects have with the same meaning.
    """
    path = context.names.path(subject.origin)
    part = path.removeprefix(subject.api).lstrip(".")
    if part and path != part:  # otherwise a name of the repository's own
        return _member(subject, module, name, part, members)
    refusal = _unlike(context.mocks.mocked(subject), members)
    return refusal or Rewrite({subject.origin: Retarget(module, name)})


def class_spec(
    subject: Subject,
    context: Context,
    module: str,
    name: str,
    members: Collection[str],
) -> Decision | None:
    """Decide a class that is only the spec of a mock; None if it is anything else."""
    mocked = context.mocks.spec(subject.origin) if subject.kind == "use" else None
    if mocked is None:
        return None
    named = Replace(context.names.name_of(module, name))
    return _unlike(mocked, members) or Rewrite({subject.origin: named})


def _unlike(mocked: Mocked, members: Collection[str]) -> Refuse | None:
    """What the test does that may not be the same with the other class."""
    if mocked.lost:
        return Refuse("mock.lost", mocked.lost)
    for asked in mocked.asked:
        known = all(_is_known(each, members) for each in asked.path)
        if not known or (not asked.path and asked.how == "called"):
            words = ".".join(asked.path) or "a call"
            return Refuse("mock.asked", f"{words} at line {asked.site.line}")
    return None


def _member(
    subject: Subject, module: str, name: str, part: str, members: Collection[str]
) -> Decision:
    """A mock of one method for all objects of the class."""
    if part not in members:
        return Refuse("mock.asked", part)
    return Rewrite({subject.origin: Retarget(module, f"{name}.{part}")})


def _is_known(word: str, members: Collection[str]) -> bool:
    return word in members or word in _OF_ANY_MOCK or word.startswith("assert_")
