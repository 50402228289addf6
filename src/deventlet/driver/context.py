"""What a codemod may ask: the context of one subject, which leads to who knows.

A name that it asks for is a placeholder until every subject of a file is decided.
LibCST is imported here, and so only when there is something to decide.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Literal

import libcst as cst

from deventlet.codemod import (
    Action,
    Mocked,
    Site,
    Strings,
    Subject,
)
from deventlet.config import Config
from deventlet.driver.facts.around import around
from deventlet.driver.facts.asked import asked_for
from deventlet.driver.facts.behind import left_behind, only_there, removable
from deventlet.driver.facts.between import called_between
from deventlet.driver.facts.bound import (
    default_of,
    is_builtin,
    number_of,
    stars_of,
    value_of,
)
from deventlet.driver.facts.caught import caught
from deventlet.driver.facts.comments import loses_comment
from deventlet.driver.facts.guards import is_guarded
from deventlet.driver.facts.loops import Loops
from deventlet.driver.facts.made import makers
from deventlet.driver.facts.means import is_error_class, meaning
from deventlet.driver.facts.objects import Objects, given_function, place_of
from deventlet.driver.facts.pooled import place_that_runs
from deventlet.driver.facts.printed import prints_itself
from deventlet.driver.facts.tasks import Tasks
from deventlet.driver.facts.unseen import unseen_call
from deventlet.driver.facts.when import When
from deventlet.driver.facts.written import written_for
from deventlet.driver.imports.naming import is_unused, shadow, where_statements_bind
from deventlet.driver.imports.needs import Needs
from deventlet.driver.mocks.inherited import is_mocked_by_base
from deventlet.driver.mocks.mocked import is_mocked
from deventlet.driver.mocks.questions import Questions
from deventlet.driver.processes.remaining import Remaining
from deventlet.driver.processes.starting import Starting
from deventlet.driver.project.requirements import allows_before
from deventlet.driver.subjects.findings import Findings, imported_path
from deventlet.driver.text import statements
from deventlet.driver.text.placeholders import KEPT, meant, placeholder
from deventlet.driver.text.printing import expression, print_expression
from deventlet.driver.text.statements import Statement
from deventlet.resolve.api import Argument, canonical
from deventlet.resolve.around import is_failure_expected, is_for_truth
from deventlet.resolve.chains import called_name
from deventlet.resolve.facts import (
    Function,
    Late,
    Loop,
    Member,
    Need,
    Patched,
    Patching,
    Remains,
    Role,
    Taken,
    Task,
)
from deventlet.resolve.functions import Functions
from deventlet.resolve.handlers import handler_at
from deventlet.resolve.late import Lateness
from deventlet.resolve.once import at_most_once
from deventlet.resolve.processes import Processes
from deventlet.resolve.roles import Roles
from deventlet.resolve.scopes import BindingKind
from deventlet.resolve.taken import taken
from deventlet.resolve.values.flow import result_of
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program
from deventlet.resolve.waited import is_waited_for

_GREEN = "eventlet.green."
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class SubjectContext:
    """Answers for the sites of one subject."""

    findings: Findings
    roles: Roles
    processes: Processes
    config: Config
    called: Functions
    needs: Needs
    remaining: Remaining

    @property
    def when(self) -> When:
        """When the code at a site runs."""
        return When(self.findings, self.roles)

    @property
    def questions(self) -> Questions:
        """What the tests ask of mocks."""
        return Questions(self.findings, self.roles.names.project)

    @property
    def program(self) -> Program:
        """The definitions of the repository and what uses them."""
        return self.called.program

    @property
    def _objects(self) -> Objects:
        return Objects(self.findings, self.program)

    def call(self, site: Site) -> cst.Call:
        """The call at a site as a LibCST node.

        :raises CannotPrint: if LibCST would not print it as it stands.
        """
        node = expression(self.findings.use(site).module, site)
        assert isinstance(node, cst.Call)
        return node

    def expression(self, site: Site) -> cst.BaseExpression:
        """The source of a site as a LibCST node.

        :raises CannotPrint: if LibCST would not print it as it stands.
        """
        return expression(self.findings.use(site).module, site)

    def member(self, site: Site) -> Member | None:
        """What a method site does with its object; None for other sites."""
        return self.findings.members.get(site)

    def renamed(self, site: Site) -> bool:
        """Whether a site says its class by a name that an assignment gives it."""
        findings = self.findings
        named = {
            id(findings.uses[each].node)
            for each in findings.owners[site].sites
            if findings.members.get(each) == Member("named", "reference")
        }
        waiting, seen = list(findings.uses[site].aliases), set[int]()
        while waiting:
            alias = waiting.pop()
            binding, node = alias.binding, alias.binding.node
            if id(binding.value) in named:
                return True
            if id(binding) not in seen and isinstance(node, ast.ImportFrom):
                seen.add(id(binding))
                assert binding.alias is not None
                owner = alias.module.absolute(node)
                waiting += self.roles.names.exported(owner, binding.alias.name)
        return False

    def unseen_call(self, subject: Subject) -> str:
        """A call, maybe of the subject's name, that gives nothing by position."""
        return unseen_call(self.findings, self.roles.names, subject)

    def becomes(self, site: Site) -> str:
        """What becomes of what a call gives, in a word."""
        return result_of(self._place(site))

    def functions(
        self, site: Site, position: int, keyword: str = ""
    ) -> tuple[Function | None, ...]:
        """The functions that an argument of a call may be."""
        expr = self._argument(site, position, keyword)
        module = self.findings.uses[site].module
        return self.called.named(expr, module) if expr is not None else (None,)

    def late(self, site: Site, position: int, keyword: str = "") -> Late:
        """What such a function uses, and the function of the site stores later."""
        expr = self._argument(site, position, keyword)
        late = Lateness(self.called)
        return late.of(self._place(site), expr) if expr else Late("", "")

    def strings(self, site: Site) -> Strings:
        """What the argument may be for which a call has to do with Eventlet."""
        return written_for(site, self.findings, self.roles.names.project)

    def repeated(self, site: Site) -> bool:
        """Whether a site is in a loop of its function, or in a comprehension."""
        return Loops(self.program).is_repeated(self._place(site))

    def imports(self, module: str, site: Site) -> bool:
        """Whether the file of an import has a module under another name as well."""
        home, own = self.findings.imports[site]
        return any(
            binding.kind is BindingKind.IMPORT
            and binding.alias is not None
            and binding.alias.name == module
            and binding.name != own.name
            for binding in chain.from_iterable(home.scopes.module.bindings.values())
        )

    def guarded(self, site: Site, question: str) -> bool:
        """Whether a method is called first in ``while not q.empty():``."""
        return is_guarded(self._place(site), question)

    def spread(self, name: str, site: Site) -> Literal["*", "**", ""]:
        """Whether a name is ``*args`` or ``**kwargs`` and stays what it is."""
        place = self._place(site)
        return "" if self.repeated(site) else stars_of(name, site, place, self.program)

    def _place(self, site: Site) -> Place:
        """The call, or the reference, at a site."""
        place = place_of(self.findings.uses[site])
        return place.up() if place.call is not None else place

    def _argument(self, site: Site, position: int, keyword: str) -> ast.expr | None:
        call = self._place(site).node
        assert isinstance(call, ast.Call)
        return Argument(keyword, position).of(call)

    def kinds(self, subject: Subject) -> frozenset[str]:
        """The kinds of the objects that a subject is."""
        return frozenset(each.kind for each in self.findings.traced.get(subject, ()))

    def fates(self, subject: Subject) -> frozenset[str]:
        """What is done with what ``getcurrent()`` gives."""
        origins = self.findings.traced.get(subject, ())
        return frozenset(fate for each in origins for fate in each.fates)

    def is_argument_of(self, name: str, site: Site) -> bool:
        """Whether a call is the only argument of a built-in function."""
        outer = around(self.findings.uses[site])
        return (
            outer is not None
            and isinstance(outer.func, ast.Name)
            and outer.func.id == name
            and self.builtin(name, site)
        )

    def source(self, subject: Subject) -> Subject | None:
        """The object whose method gave this one; None for one that a call made."""
        wanted = {
            id(each.source)
            for each in self.findings.traced.get(subject, ())
            if each.source is not None
        }
        found = (
            other
            for other, origins in self.findings.traced.items()
            if any(id(origin) in wanted for origin in origins)
        )
        return next(found, None)

    def origins(self, subject: Subject) -> frozenset[str]:
        """How the objects of a subject come to be known."""
        return frozenset(each.how for each in self.findings.traced.get(subject, ()))

    def lost(self, subject: Subject) -> str:
        """Where an object is lost from sight; empty if all its uses are known."""
        reason, detail = self.findings.refused.get(subject, ("", ""))
        return detail or reason

    def asked_for(
        self,
        attributes: frozenset[str],
        word: str,
        subject: Subject,
        having: Collection[Site] = (),
    ) -> str:
        """A place that reads one of the attributes of what may be a lost object."""
        near = {
            escape.module.path
            for origin in self.findings.traced.get(subject, ())
            for escape in origin.escapes
        } | {site.path for site in subject.sites}
        calls = (site for site in subject.sites if site.form == "call")
        made = [site for site in calls if site not in having]
        return asked_for(self.roles.names.project, near, attributes, word, made)

    def mocked(self, subject: Subject) -> Mocked:
        """What the test asks of a mock, and what it puts in the name's place."""
        return self.questions.of(subject)

    def spec(self, site: Site) -> Mocked | None:
        """What a test asks of a mock that has the class at a site as its spec."""
        return self.questions.of_spec(site)

    def path(self, site: Site) -> str:
        """The dotted path of the attribute chain at a reference or a mock."""
        target = self.findings.targets.get(site)
        if target is not None:
            return canonical(f"{target.owner}.{target.attribute}")
        if site in self.findings.imports:
            module, binding = self.findings.imports[site]
            return imported_path(module, binding)
        use = self.findings.uses[site]
        path, node = use.dotted, use.node
        for above in reversed(use.parents):
            if not (isinstance(above, ast.Attribute) and above.value is node):
                break
            path, node = f"{path}.{above.attr}", above
        return canonical(path)

    def need(self, site: Site) -> Need | None:
        """What an import that its file does not use may be there for all the same."""
        return self.needs.of(site)

    def statement(self, site: Site) -> Statement | None:
        """The statement that holds a site as a LibCST node; None if not to be had.

        :raises CannotPrint: if LibCST would not print it as it stands.
        """
        use = self.findings.use(site)
        return statements.node_of(use, statements.holder(use))

    def removable(self, site: Site) -> bool:
        """Whether the simple statement that holds a site can go by itself."""
        return removable(self.findings.use(site))

    def hollow(self, site: Site) -> str:
        """The ``if`` that would be left with an empty branch, or an unused name."""
        return left_behind(self.findings.use(site), self.findings)

    def branch(self, site: Site) -> cst.If | None:
        """The ``if`` that tests a site, as a LibCST node; None if not to be had.

        :raises CannotPrint: if LibCST would not print it as it stands.
        """
        use = self.findings.uses[site]
        found = statements.node_of(use, statements.branch(use))
        return found if isinstance(found, cst.If) else None

    def only_there(self, site: Site) -> frozenset[str]:
        """The names that nothing reads but the ``if`` of a site, or its statement."""
        return only_there(self.findings.uses[site], self.findings)

    def local_name(self, name: str, site: Site) -> str:
        """The name, or one like it, that nothing uses in the function of a site."""
        use, owner = self.findings.uses[site], self.findings.owners[site]
        scope = where_statements_bind(use.scope)
        for each in chain((name,), (f"{name}_{n}" for n in count(2))):
            given = self.findings.given.get((scope, each))
            if given == owner or (given is None and is_unused(use, each, scope)):
                self.findings.given[scope, each] = owner
                return each
        raise AssertionError("there is no end of names")

    def prints_itself(self, site: Site) -> bool:
        """Whether an f-string prints the site's own text: ``f"{eventlet.sleep(1)=}"``.

        The parser gives that text as the constant before the value.
        """
        use = self.findings.uses.get(site)
        return use is not None and prints_itself(use, site.spelling)

    def attempt(self, site: Site) -> cst.Try | None:
        """The ``try`` around the ``with`` that a site opens, as a LibCST node.

        :raises CannotPrint: if LibCST would not print it as it stands.
        """
        use = self.findings.uses[site]
        found = statements.node_of(use, statements.around(use))
        return found if isinstance(found, cst.Try) else None

    def loses_comment(self, site: Site, action: Action) -> bool:
        """Whether a comment of what an action replaces is in nothing that follows."""
        return loses_comment(site, action, self.findings)

    def role(self, site: Site) -> Role:
        """What becomes of a reference."""
        return self.roles.of(self.findings.uses[site])

    def taken(self, site: Site) -> Taken:
        """What a site takes of a module that is a name of the codemod."""
        if site not in self.findings.imports:
            return taken(self.findings.uses[site], self.roles)
        name = canonical(self.path(site)).removeprefix(site.api).lstrip(".")
        return Taken(name, "bound", by_name=bool(name))

    def others(self, apis: Collection[str]) -> list[tuple[Subject, str]]:
        """Every subject of some names, mocks left out, with what the driver refuses."""
        return [
            (subject, self.findings.refused.get(subject, ("", ""))[0])
            for subject in self.findings.subjects
            if subject.api in apis and subject.kind != "mock"
        ]

    def shadow(self, module: str, site: Site) -> str | None:
        """The file beside a script that it would import in a module's place."""
        project = self.roles.names.project
        home = project.module(site.path)
        return shadow(project, home, module) if home is not None else None

    def name_of(self, module: str, attribute: str) -> cst.BaseExpression:
        """``module.attribute`` under a name that is chosen later."""
        return cst.Attribute(self.module(module), cst.Name(attribute))

    def itself(self, module: str, attribute: str) -> cst.BaseExpression:
        """What ``module.attribute`` is when the file is imported, by an own name."""
        return self.module(f"{module}.{attribute}")

    def kept(
        self, module: str, attribute: str, site: Site
    ) -> cst.BaseExpression | None:
        """What ``module.attribute`` is below the imports of a file, by an own name."""
        home = self.findings.use(site).module
        held = statements.last_import(home.source, home.tree)
        if held is None or home.scopes.module.star_imports:
            return None
        if b"eventlet" in home.source.utf8[slice(*home.source.span(held))]:
            return None  # it may go
        line = (held.end_lineno or 0) + 1
        if site.line < line or self.processes.early(module, site.path, line):
            return None
        return cst.Name(placeholder(f"{module}.{attribute}{KEPT}"))

    def is_mocked(self, module: str, attribute: str, site: Site) -> bool:
        """Whether what runs with a site puts something in its place.

        In its file, or where a base of its class is. Not where a mock of the site does
        it that goes along.
        """
        use, dotted = self.findings.use(site), f"{module}.{attribute}"
        early, project = self.when.runs_on_import(site), self.roles.names.project
        if not is_mocked(use.module, dotted, use.parents, early) and (
            early or not is_mocked_by_base(project, use.module, dotted, use.parents)
        ):
            return False
        mocks = (s for s in self.findings.subjects if s.kind == "mock")
        return not any(site in mock.intercepts for mock in mocks)

    def module(self, name: str) -> cst.BaseExpression:
        """A module under a name that is chosen later."""
        return cst.Name(placeholder(name))

    def pooled(self, subject: Subject) -> str:
        """A place that gives a pool or an executor a function that holds a site."""
        project, uses = self.roles.names.project, self.findings.uses
        return place_that_runs(project, subject.sites, uses)

    def dotted(self, named: cst.BaseExpression) -> str:
        """The dotted path of a name that is chosen later."""
        return meant(print_expression(named))

    def made_by(self, expression: str, site: Site) -> frozenset[str]:
        """The dotted names of what was called to make a name or ``self.attribute``."""
        return makers(self.roles.names.project, self.findings.uses[site], expression)

    def meaning(self, expression: str, site: Site) -> str:
        """The dotted path that imports give a name or a chain of attributes."""
        return meaning(self.findings.uses[site], expression)

    def is_error_class(self, expression: str, site: Site) -> bool:
        """Whether a name or a chain of attributes is certainly a class to raise."""
        use = self.findings.uses[site]
        return is_error_class(self.roles.names.project, use, expression)

    def caught(self, site: Site) -> frozenset[str]:
        """The exceptions that are caught around a site, each as the source has it."""
        return caught(self.findings.uses[site])

    def expects(self, error: str, site: Site) -> bool:
        """Whether something is done about an exception that a site may raise."""
        use = self.findings.uses[site]
        return is_failure_expected(use.parents, use.node, error)

    def for_truth(self, site: Site) -> bool:
        """Whether of what a method gives only its truth is asked."""
        use = self.findings.uses[site]
        return use.call is not None and is_for_truth(use.parents[:-1], use.call)

    def at_most_once(self, makers: Collection[Site], sites: Collection[Site]) -> bool:
        """Whether for each object that the calls make at most one of the sites runs."""
        uses = self.findings.uses
        return at_most_once(
            self.roles.names, [uses[m] for m in makers], [uses[s] for s in sites]
        )

    def handler(self, site: Site) -> str:
        """Where the code at a site is made a handler of a signal."""
        return handler_at(self._place(site), self.called)

    def waited_for(self, site: Site, waits: Collection[Site]) -> bool:
        """Whether what a site kills has been waited for by one of others before."""
        uses = self.findings.uses
        return is_waited_for(uses[site], [uses[each] for each in waits])

    def called_until(self, site: Site, ends: Collection[Site]) -> tuple[str, ...]:
        """What is called in a block behind a site, up to the last of others."""
        uses = self.findings.uses
        return called_between(uses[site], [uses[each] for each in ends])

    def builtin(self, name: str, site: Site) -> bool:
        """Whether a name means Python's built-in function where the site is."""
        return is_builtin(name, self.findings.uses[site])

    def number(self, name: str, site: Site) -> float | None:
        """The number that a name is bound to, if to one only: ``DELAY = 2``."""
        return number_of(name, self.findings.uses[site])

    def patched(self, module: str, site: Site) -> Patched:
        """Whether ``module`` is green in every process that runs the site."""
        if self.when.runs_on_import(site):
            return self.processes.patched_on_import(module, site.path)
        if self.when.binds_on_import(site):
            line = self.when.from_line(site)
            return self.processes.patched_before(module, site.path, line)
        holder, method = self.when.definition(site), self.when.method(site)
        return self.processes.patched(module, site.path, holder, method)

    def early(self, module: str, site: Site) -> str:
        """Why a site may take or make something before its process patches."""
        asked = self.when.binds_on_import(site) or self.when.reads_on_import(site)
        if asked or self.when.makes_on_import(site):
            return self.processes.early(module, site.path, self.when.from_line(site))
        return ""

    def runs_early(self, module: str, site: Site) -> str:
        """Why a site may run before its process patches: by its file, or its function.

        On import, or in the function that patches, above that.
        """
        if self.when.runs_on_import(site):
            return self.processes.early(module, site.path, self.when.from_line(site))
        around = [n for n in self.findings.uses[site].parents if isinstance(n, _NAMED)]
        nodes = ast.walk(around[-1]) if around else ()
        for call in (node for node in nodes if isinstance(node, ast.Call)):
            if called_name(call) == "monkey_patch" and call.lineno > site.line:
                return f"{site.path}:{call.lineno} patches behind it"
        return ""

    def early_import(self, module: str, site: Site) -> str:
        """The same for an import of a name that is written into the file of a site."""
        return self.processes.early(module, site.path, 1)

    def remains(self, site: Site) -> Remains:
        """What is left of green threads in the processes that run the site."""
        return self.remaining.of(site.path)

    def patching(self, site: Site) -> Patching:
        """A call of ``monkey_patch``, and the processes that it is for."""
        return Starting(self.remaining, self.findings.uses).of(self.findings.uses[site])

    def is_dual(self) -> bool:
        """Whether the project stays able to run under Eventlet."""
        return self.config.is_dual

    def _is_inside(self, name: str, site: Site) -> bool:
        """Whether a site is part of the function of that name."""
        parents = self.findings.uses[site].parents
        return any(getattr(node, "name", None) == name for node in parents)

    def task(self, site: Site) -> Task:
        """What is known of the function that a call is given to run."""
        given = given_function(self.findings.uses[site])
        if given is None:
            return Task(known=False)
        return Tasks(self.program).of(given, self.findings.uses[site].module)

    def loop(self, site: Site, subject: Subject) -> Loop:
        """The least bounded loop that runs a site for one and the same object."""
        place, loops = place_of(self.findings.uses[site]), Loops(self.program)
        if self.local(subject):
            return loops.inside(place, self.findings.uses[subject.origin].parents)
        return loops.around(place)

    def gives(self, site: Site) -> frozenset[str]:
        """What is used of the object that a method of another one gives."""
        call = self.findings.uses[site].call
        subject = self.findings.owners[site]
        return frozenset(
            member.name
            for origin in self.findings.traced.get(subject, ())
            if origin.how == "product" and origin.node is call
            for member in origin.members
        )

    def finite(self, site: Site, position: int) -> bool:
        """Whether what a call goes over certainly ends, such as a list."""
        use = self.findings.uses[site]
        given = use.call.args[position] if use.call else use.node
        return Loops(self.program).is_finite(given, use.module)

    def consumed(self, site: Site) -> str:
        """How what a call gives is gone over once and to its end.

        ``looped`` by a statement, ``collected`` by an expression, or nothing.
        """
        place = place_of(self.findings.uses[site]).up()
        return Loops(self.program).consumed(place)

    def parts(self, subject: Subject) -> Sequence[Subject]:
        """Each object of a subject that is several, with its own uses."""
        found = self.findings.parts.get(subject, ())
        return [Subject(sites[0].api, "object", sites) for sites in found if sites]

    def local(self, subject: Subject) -> bool:
        """Whether an object is made once and used in that one function only."""
        return self._objects.is_local(subject)

    def final(self, site: Site, subject: Subject) -> bool:
        """Whether a local object is used by no other method after a site."""
        return self._objects.is_final(site, subject)

    def reentered(self, subject: Subject) -> str:
        """Where a task of an object may use it itself; empty if none does."""
        return self._objects.reentered(subject)

    def value(self, name: str, site: Site) -> cst.BaseExpression | None:
        """What a name is bound to, if it is bound to one thing only."""
        return _as_node(value_of(name, self.findings.uses[site]))

    def default(self, name: str, site: Site) -> cst.BaseExpression | None:
        """What a parameter is where it is not given; None for any other name."""
        return _as_node(default_of(name, self.findings.uses[site]))

    def allows_before(self, name: str, version: tuple[int, ...]) -> bool:
        """Whether the project asks for a distribution from an older version on."""
        return allows_before(self.roles.names.project.root, name, version)

    def helper(self, option: str, site: Site) -> cst.BaseExpression | None:
        """The project's own function for ``option``, if it can be imported here.

        Not for what a green module gives: it becomes what the standard module gives,
        whichever codemod comes first.
        """
        dotted, use = self.config.helper(option), self.findings.uses.get(site)
        if dotted is None or (use is not None and use.dotted.startswith(_GREEN)):
            return None
        module, _, name = dotted.rpartition(".")
        own = self.roles.names.project
        home = own.by_name.get(module)
        if home == site.path:
            return None if self._is_inside(name, site) else cst.Name(name)
        if home is not None and own.names[site.path] in own.closure(module):
            return None  # importing the helper here would be a circular import
        return self.name_of(module, name)


def _as_node(expr: ast.expr | None) -> cst.BaseExpression | None:
    return cst.parse_expression(ast.unparse(expr)) if expr is not None else None
