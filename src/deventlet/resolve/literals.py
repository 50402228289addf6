"""Which strings an argument may be, where they are written and go nowhere else.

Followed are names of a function or file, defaults of parameters, ``a if b else c``, and
options of oslo.config that this repository declares. Whatever else is met on the way,
or reads the same name, is said, and ends the search. Runs no code, decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from deventlet.resolve.api import Argument
from deventlet.resolve.chains import last_name
from deventlet.resolve.project import Module, Project, as_bytes
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.tree import ancestors
from deventlet.resolve.values.model import Place

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_CONFIGURATIONS = frozenset({"CONF", "conf"})
_OPTIONS = "oslo_config"
_NAMING = frozenset({"set_override", "clear_override", "import_opt"})
"""Methods that get the name of an option, and neither read it nor set its default."""
_CHANGING_WHAT_NONE_MEANS = frozenset({"required", "sample_default", "dest", None})
"""Arguments of an option with which a default cannot become None; None for ``**``."""


@dataclass(frozen=True, slots=True)
class Written:
    """The strings that an argument may be.

    :param places: where each is written, in order; nowhere else do they go.
    :param lost: what is not followed, in words; empty if these are all.
    :param options: where the options are declared whose defaults are among them.
    """

    places: tuple[Place, ...]
    lost: str = ""
    options: tuple[str, ...] = ()


class _Lost(Exception):
    """Something on the way is not followed, or somebody else reads it."""


def strings(
    project: Project, calls: Iterable[Place], argument: Argument, place: Place
) -> Written:
    """The strings that an argument of one of some calls may be.

    :param calls: every call of the repository whose argument it is.
    :param place: one of them.
    """
    given = (_given(call, argument) for call in calls)
    taking = {id(node) for node in given if node is not None}
    value = _given(place, argument)
    search = _Search(project, taking)
    try:
        found = dict.fromkeys(search.of(place.module, value)) if value else {}
    except _Lost as lost:
        return Written((), str(lost))
    placed = (Place(m, node, ancestors(m.tree, node)) for m, node in found)
    return Written(tuple(placed), "", tuple(search.options))


def _given(place: Place, argument: Argument) -> ast.expr | None:
    assert isinstance(place.node, ast.Call)
    return argument.of(place.node)


_Found = Iterator[tuple[Module, ast.Constant]]


class _Search:
    """One search, from an argument back to where its values are written."""

    def __init__(self, project: Project, taking: Collection[int]) -> None:
        self.project = project
        self.taking = taking
        self.options: list[str] = []

    def of(self, module: Module, node: ast.expr) -> _Found:
        """The strings that an expression may be."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield module, node
        elif isinstance(node, ast.IfExp):
            yield from self.of(module, node.body)
            yield from self.of(module, node.orelse)
        elif isinstance(node, ast.Name):
            yield from self._of_name(module, node)
        elif isinstance(node, ast.Attribute):
            yield from self._of_option(module, node)
        elif not (isinstance(node, ast.Constant) and node.value is None):
            raise _Lost(f"{_where(module, node)} computes it: {ast.unparse(node)}")

    # -- names -------------------------------------------------------------

    def _of_name(self, module: Module, node: ast.Name) -> _Found:
        owner = module.scopes.resolve(node.id, module.scopes.scope_of(node))
        if owner is None or owner.kind not in (ScopeKind.FUNCTION, ScopeKind.MODULE):
            raise _Lost(f"{_where(module, node)} does not say what {node.id} is")
        self._read_only_here(module, node.id, owner)
        for binding in owner.bindings[node.id]:
            yield from self._of_binding(module, binding)

    def _read_only_here(self, module: Module, name: str, owner: Scope) -> None:
        """See that a name is read as the argument only."""
        for load, scope in module.scopes.loads(name):
            ours = module.scopes.resolve(name, scope) is owner
            if ours and id(load) not in self.taking:
                raise _Lost(f"{_where(module, load)} reads {name}, too")
        if owner.kind is ScopeKind.MODULE:
            paths = self.project.containing([as_bytes(name)])
            other = next((path for path in paths if path != module.path), "")
            if other:
                raise _Lost(f"{other} may read {name}, too")

    def _of_binding(self, module: Module, binding: Binding) -> _Found:
        function = binding.scope.node
        if binding.kind is BindingKind.PARAMETER and isinstance(function, _FUNCTIONS):
            self._only_its_default(module, function, binding)
            if binding.value is not None:
                yield from self.of(module, binding.value)
        elif binding.kind is BindingKind.PARAMETER or binding.value is None:
            where = _where(module, binding.node)
            raise _Lost(f"{where} binds {binding.name} to what is not followed")
        else:
            yield from self.of(module, binding.value)

    # -- parameters --------------------------------------------------------

    def _only_its_default(
        self,
        module: Module,
        function: ast.FunctionDef | ast.AsyncFunctionDef,
        binding: Binding,
    ) -> None:
        """See that nobody is known to give a parameter anything but other strings.

        Looked at is whatever has the function's name: who is not found gives what it
        gives as before.
        """
        name = function.name
        is_method = isinstance(ancestors(module.tree, function)[-1], ast.ClassDef)
        for other, node in self._nodes(f"def {name}") if is_method else ():
            named = getattr(node, "name", "") == name and node is not function
            if named and _has_parameter(node, binding.name):
                raise _Lost(f"{_where(other, node)} has the same parameter, too")
        argument = _parameter(function, binding.name, is_method)
        calls = [
            (other, node)
            for other, node in self._nodes(f"{name}(")
            if isinstance(node, ast.Call) and last_name(node.func) == name
        ]
        for other, node in calls:
            self._gives_another(other, node, argument, name)
        if binding.value is None and not calls:
            raise _Lost(f"{_where(module, function)} is given it by what is not here")

    def _gives_another(
        self, module: Module, call: ast.Call, argument: Argument, name: str
    ) -> None:
        """See that a call gives a parameter nothing, or a string that says no name."""
        stars = any(isinstance(each, ast.Starred) for each in call.args)
        if stars or any(keyword.arg is None for keyword in call.keywords):
            raise _Lost(f"{_where(module, call)} calls {name} with star arguments")
        value = argument.of(call)
        if value is None or id(value) in self.taking:
            return
        if not isinstance(value, ast.Constant) or value.value == "eventlet":
            raise _Lost(f"{_where(module, call)} gives {ast.unparse(value)}")

    # -- options -----------------------------------------------------------

    def _of_option(self, module: Module, node: ast.Attribute) -> _Found:
        name = node.attr
        group = node.value
        if last_name(group) not in _CONFIGURATIONS and not (
            isinstance(group, ast.Attribute)
            and last_name(group.value) in _CONFIGURATIONS
        ):
            raise _Lost(f"{_where(module, node)} reads {ast.unparse(node)}")
        declared = list(self._declarations(name))
        if len(declared) != 1:
            said = "is declared more than once" if declared else "is declared elsewhere"
            raise _Lost(f"{_where(module, node)} reads the option {name}, which {said}")
        home, call = declared[0]
        self._only_option(name, call)
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        bad = sorted(str(k) for k in given if k in _CHANGING_WHAT_NONE_MEANS)
        if bad:
            raise _Lost(f"{_where(home, call)} declares the option with {bad[0]}")
        if "default" in given:
            yield from self.of(home, given["default"])
            self.options.append(_where(home, call))

    def _declarations(self, name: str) -> Iterator[tuple[Module, ast.Call]]:
        """Where an option of a name is made: ``cfg.StrOpt("name", default=…)``."""
        for module, node in self._nodes(name, name.replace("_", "-")):
            if (
                isinstance(node, ast.Call)
                and last_name(node.func).endswith("Opt")
                and node.args
                and _is_option_name(node.args[0], name)
                and any(
                    each.module.partition(".")[0] == _OPTIONS
                    for each in self.project.imports(module.path)
                )
            ):
                yield module, node

    def _only_option(self, name: str, declared: ast.Call) -> None:
        """See that nothing else reads an option, or sets its default.

        Whatever has the name of it as an attribute may be the option, but what is of
        ``self``; a string of its name may only say what is overridden.
        """
        allowed = {id(declared.args[0])}
        for module, node in self._nodes(name, name.replace("_", "-")):
            if isinstance(node, ast.Call) and last_name(node.func) in _NAMING:
                allowed |= {id(each) for each in node.args}
            if id(node) not in allowed and self._concerns(node, name):
                raise _Lost(f"{_where(module, node)} reads or sets the option, too")

    def _concerns(self, node: ast.AST, name: str) -> bool:
        """Whether a node may read an option, or set its default."""
        if isinstance(node, ast.Attribute):
            ours = node.attr == name and last_name(node.value) != "self"
            return ours and id(node) not in self.taking
        if isinstance(node, ast.Call) and last_name(node.func) == "set_defaults":
            return any(keyword.arg == name for keyword in node.keywords)
        return _is_option_name(node, name)

    def _nodes(self, *words: str) -> Iterator[tuple[Module, ast.AST]]:
        """Every node of the files that have one of some words."""
        for path in self.project.containing(map(as_bytes, words)):
            module = self.project.module(path)
            for node in ast.walk(module.tree) if module is not None else ():
                assert module is not None
                yield module, node


def _parameter(
    function: ast.FunctionDef | ast.AsyncFunctionDef, name: str, is_method: bool
) -> Argument:
    """How a caller gives a parameter; one that has no position is given none."""
    given = function.args
    names = [each.arg for each in (*given.posonlyargs, *given.args)]
    if name not in names:
        return Argument(name, 1 << 16)
    decorators = {last_name(each) for each in function.decorator_list}
    bound = is_method and "staticmethod" not in decorators
    return Argument(name, names.index(name) - bound)


def _has_parameter(node: ast.AST, name: str) -> bool:
    """Whether something is a function with a parameter of a name."""
    if not isinstance(node, _FUNCTIONS):
        return False
    given = node.args
    return name in {a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)}


def _is_option_name(node: ast.AST, name: str) -> bool:
    value = node.value if isinstance(node, ast.Constant) else None
    return isinstance(value, str) and value.replace("-", "_") == name


def _where(module: Module, node: ast.AST) -> str:
    return f"{module.path}:{getattr(node, 'lineno', 0)}"
