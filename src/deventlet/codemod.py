"""The contract between the driver and every codemod: sites in, decisions out.

A codemod is one function, ``decide(subject, context)``, and a page that says
what it is for. It never touches files, imports or positions: it asks the context
for what it may know, builds LibCST nodes and gives back a decision. This module
holds data only and imports neither LibCST nor anything that reads files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from deventlet.resolve.facts import (
    Function,
    Late,
    Line,
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

if TYPE_CHECKING:
    import libcst as cst

Statement: TypeAlias = "cst.SimpleStatementLine | cst.BaseCompoundStatement"
Form: TypeAlias = Literal["call", "reference", "import", "method", "string", "line"]
Kind: TypeAlias = Literal["use", "alias", "object", "mock", "line"]


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """One place in the source where something of Eventlet is used.

    ``start`` and ``end`` are byte offsets into the UTF-8 source, ``line`` and
    ``end_line`` count from 1, ``column`` and ``end_column`` are 0-based UTF-8
    columns. A call site covers the whole call, a reference its expression, an
    import site the one alias, a string site the whole literal. A line of a file that
    is not Python is a site with its end; its offsets are those of the file's bytes.
    """

    path: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int
    api: str
    form: Form
    spelling: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided about as a whole, in whichever files its sites are.

    ``use``
        one call or reference.
    ``alias``
        a name bound to the API (``from eventlet import sleep``, ``nap =
        eventlet.sleep``) with all its uses; the first site is the binding.
    ``object``
        an object that the API made, with every use of it; the first site is
        the call that made it.
    ``mock``
        a place in a test that intercepts the API; ``intercepts`` are the sites
        of every subject that the mocked name reaches, bindings and methods too.
    ``line``
        a line of a project file that is not Python, such as a requirement.

    ``bindings`` are those sites that bind the alias rather than use it, and
    ``exported`` says that the alias is a public name other code may call.
    """

    api: str
    kind: Kind
    sites: tuple[Site, ...]
    bindings: tuple[Site, ...] = ()
    intercepts: tuple[Site, ...] = field(default=(), compare=False)
    exported: bool = False

    def __hash__(self) -> int:
        """By the first site: an alias may have as many as a file has lines."""
        return hash((self.api, self.kind, self.sites[0], len(self.sites)))

    @property
    def origin(self) -> Site:
        """The site that stands for the subject in messages."""
        return self.sites[0]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a test asks of a mock or sets up on it, in the mock's own file.

    ``mock.return_value.wait.assert_called_once_with(1)`` has the path
    ``("return_value", "wait", "assert_called_once_with")`` and is ``called``; what a
    call gives is its ``return_value``. ``read`` is a question that mocks answer
    (``mock.call_count``), ``stored`` an assignment, and ``passed`` whatever else the
    mock or a part of it is used for. The site may be given an action of its own.
    """

    site: Site
    path: tuple[str, ...]
    how: Literal["called", "read", "stored", "passed"]


@dataclass(frozen=True, slots=True)
class Mocked:
    """What a test does with a mock.

    :param asked: everything that is asked of it, where it can be followed.
    :param lost: where it goes out of sight; empty if it does not.
    :param fakes: whether the test puts something of its own, and no mock, in the
        name's place, or has the mock give it.
    :param fake: the one lambda that it puts there, if it is nothing else; it may be
        given an action of its own.
    :param calls: every call that the mock gets, by its arguments, where the test says
        all of them, and they are constants given by position; None if it does not.
    :param set_up: whether a call that makes it, or what it gives, says more of it:
        ``Mock(get=f)``.
    """

    asked: tuple[Asked, ...]
    lost: str = ""
    fakes: bool = False
    fake: Site | None = None
    calls: tuple[tuple[object, ...], ...] | None = None
    set_up: bool = False


@dataclass(frozen=True, slots=True)
class Strings:
    """The strings that an argument may be, each where it is written.

    The sites may be given actions of their own, whichever files they are in: nothing
    but such arguments gets what is written there.

    :param lost: what is not followed, in words; empty if these are all.
    :param options: where the options are declared whose defaults are among them.
    """

    sites: tuple[Site, ...]
    lost: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replace:
    """Put the code of ``node`` where the site is, parenthesised as needed."""

    node: cst.BaseExpression


@dataclass(frozen=True, slots=True)
class Instead:
    """Put these statements where the one is that :meth:`Context.statement` gave.

    With none it is deleted, for which :meth:`Context.removable` is enough; ``pass``
    stands for a block that would be empty, but an ``if`` may go along
    (:meth:`Context.hollow`).
    """

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Put these statements where the ``if`` is that :meth:`Context.branch` gave.

    They are those of the branch that is always taken; with none it is deleted.
    """

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Unwrap:
    """Put these statements where the ``try`` is that :meth:`Context.attempt` gave."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """For a statement ``name = …``: bind the name by an import of a module instead.

    It goes to the imports of the file, or stays where it is inside of a block.
    """

    module: str


@dataclass(frozen=True, slots=True)
class ReplaceAround:
    """The same for the call that has the site as its only argument: ``id(site)``."""

    node: cst.BaseExpression


@dataclass(frozen=True, slots=True)
class Keep:
    """The site is right as it stands once the rest of its subject has changed."""


@dataclass(frozen=True, slots=True)
class Swap:
    """For an import site: bind the same local name to ``module.name`` instead."""

    module: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Drop:
    """For an import site: take the name out of its statement, and add nothing.

    For a mock that is a decorator: take it out, with the parameter that it fills.
    """


@dataclass(frozen=True, slots=True)
class Retarget:
    """For a mock: intercept ``module.name`` as the rewritten sites spell it.

    The name may be that of a member: ``Queue.get``.
    """

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Write:
    """For a line: the text that takes its place, with its line ends; empty for none."""

    text: str


Action: TypeAlias = (
    Replace
    | ReplaceAround
    | Instead
    | Fold
    | Unwrap
    | Import
    | Keep
    | Swap
    | Drop
    | Retarget
    | Write
)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The preconditions are proven; one action for each site of the subject.

    :param caveats: reason codes of corners that the reader must know.
    :param proofs: one short clause each, for the commit message.
    """

    actions: Mapping[Site, Action]
    caveats: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One line of a proposal: what the code says now, and what says it afterwards.

    :param name: an argument, such as ``max_size``, or what changes without being
        said, such as ``access log``.
    :param value: the argument as it stands in the code; empty if it is not given.
    :param counterpart: what takes its place; empty if there is nothing like it.
    :param note: a clause: what is different then, for who runs or reads it.
    """

    name: str
    value: str
    counterpart: str
    note: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person may write where no machine may choose.

    :param target: what is proposed, such as ``cheroot.wsgi.Server``.
    :param code: the lines to begin with, without indentation.
    :param arguments: every argument of the code, in its order.
    :param changes: what is different for operators and callers whatever is given.
    """

    target: str
    code: tuple[str, ...]
    arguments: tuple[Term, ...]
    changes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Assume:
    """Right if the named assumption holds, which code cannot prove."""

    reason: str
    detail: str
    rewrite: Rewrite
    proposals: Mapping[Site, Proposal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refuse:
    """Left alone. ``detail`` says what of *this* code stands in the way.

    ``proposals`` say of some of its sites what a person may write there.
    ``behind`` are all the places, ``path:line``, that have to go before, where it waits
    for others.
    """

    reason: str
    detail: str = ""
    proposals: Mapping[Site, Proposal] = field(default_factory=dict)
    behind: tuple[str, ...] = ()


Decision: TypeAlias = Rewrite | Assume | Refuse


class Context(Protocol):
    """What a codemod may ask about one subject."""

    def call(self, site: Site) -> cst.Call:
        """The call at a call site, or the call whose function the site is."""
        ...

    def expression(self, site: Site) -> cst.BaseExpression:
        """The source of a site: a call, a name, an attribute."""
        ...

    def statement(self, site: Site) -> Statement | None:
        """The simple statement that holds a site, or the ``with`` that it opens.

        None if it shares its lines with another one, or is no such statement.
        """
        ...

    def removable(self, site: Site) -> bool:
        """Whether the simple statement that holds a site can go: also from ``a; b``.

        What takes its place needs :meth:`statement`.
        """
        ...

    def hollow(self, site: Site) -> str:
        """What would be left behind if the statement of a site went.

        The place of an ``if`` with an empty branch. One without ``else`` that asks for
        names and literals only goes along: then a name that nothing else reads.
        """
        ...

    def branch(self, site: Site) -> cst.If | None:
        """The ``if`` that tests a site, with its branches.

        None if there is none, if it is an ``elif``, or shares lines with another one.
        """
        ...

    def attempt(self, site: Site) -> cst.Try | None:
        """The ``try`` around the ``with`` that a site opens, if it holds nothing else.

        None if there is none, or if it shares lines with another statement.
        """
        ...

    def only_there(self, site: Site) -> frozenset[str]:
        """The names that only the ``if`` that tests a site reads, or its statement.

        Those of a function, and those of imports other than Eventlet's: they would be
        left without a use.
        """
        ...

    def local_name(self, name: str, site: Site) -> str:
        """The name, or one like it, that nothing uses in the function of a site.

        The same for every site of a subject in that function, and another one for
        another subject.
        """
        ...

    def member(self, site: Site) -> Member | None:
        """What a method site does with its object; None for other sites.

        For the call that makes an object: whether it is entered or raised there. For
        a reference that says what an object is, how it does: ``annotated``,
        ``subclass``, ``mock``; ``isinstance``, where a test asks for the class;
        ``caught``, by an ``except``; or ``named``, where an assignment gives the class
        a name by which nothing but objects of the subject is made.
        """
        ...

    def renamed(self, site: Site) -> bool:
        """Whether a site says its class by a name that such an assignment gives it."""
        ...

    def unseen_call(self, subject: Subject) -> str:
        """A call, maybe of the subject's public name, that gives nothing by position.

        Nobody's import leads there, but the module that has the name is given to
        others as a value. Empty where there is none.
        """
        ...

    def becomes(self, site: Site) -> str:
        """What becomes of what a call gives, in the words of :class:`Member`."""
        ...

    def functions(
        self, site: Site, position: int, keyword: str = ""
    ) -> tuple[Function | None, ...]:
        """The functions that an argument of the call at a site may be.

        None stands for what is not the repository's, or not known.
        """
        ...

    def late(self, site: Site, position: int, keyword: str = "") -> Late:
        """What such a function uses, and the function of the site stores later."""
        ...

    def strings(self, site: Site) -> Strings:
        """What the argument may be for which a call has to do with Eventlet.

        Lost where a test puts a mock in the place of what is called: it may expect
        the argument as it is.
        """
        ...

    def repeated(self, site: Site) -> bool:
        """Whether a site is in a loop of its function, or in a comprehension."""
        ...

    def imports(self, module: str, site: Site) -> bool:
        """Whether the file of an import has a module under another name as well."""
        ...

    def guarded(self, site: Site, question: str) -> bool:
        """Whether a method is called first in ``while not q.empty():``.

        With nothing between the two that could switch to another green thread, so
        that what the question said still holds.

        :param question: the name of the method that has to say no.
        """
        ...

    def spread(self, name: str, site: Site) -> Literal["*", "**", ""]:
        """Whether a name is ``*args`` or ``**kwargs`` of the function of a site.

        Only if nothing binds it again, or uses it where the call may be over.
        """
        ...

    def kinds(self, subject: Subject) -> frozenset[str]:
        """The kinds of the objects that a subject is: ``Event``, ``Queue`` …"""
        ...

    def fates(self, subject: Subject) -> frozenset[str]:
        """What is done with what ``getcurrent()`` gives.

        ``text`` where it, or its ``id``, is printed; ``number`` for any other use of
        its ``id``; ``compared`` and ``key`` where it meets others of its kind only;
        ``dropped`` where it is not used.
        """
        ...

    def is_argument_of(self, name: str, site: Site) -> bool:
        """Whether a call is the only argument of a built-in function: ``id(site)``."""
        ...

    def source(self, subject: Subject) -> Subject | None:
        """The object whose method gave this one; None for one that a call made."""
        ...

    def origins(self, subject: Subject) -> frozenset[str]:
        """How the objects of a subject come to be known.

        ``created`` by a call, instance of a ``subclass``, ``annotated``, ``caught``,
        the ``product`` of a method of another, or what a ``mock`` stands in for.
        """
        ...

    def lost(self, subject: Subject) -> str:
        """Where an object is lost from sight; empty if all its uses are known."""
        ...

    def asked_for(
        self,
        attributes: frozenset[str],
        word: str,
        subject: Subject,
        having: Collection[Site] = (),
    ) -> str:
        """A place that reads one of the attributes of what may be a lost object.

        Looked at are the files that make or use it, those where it is lost from
        sight, and every other one that speaks of ``word``, in lower or upper case;
        empty if there is no such place.

        :param having: those of the calls that make it whose objects keep them.
        """
        ...

    def mocked(self, subject: Subject) -> Mocked:
        """What the test asks of a mock, and what it puts in the name's place."""
        ...

    def spec(self, site: Site) -> Mocked | None:
        """What a test asks of the mock whose spec a reference site is.

        As for a mock of the class: what is asked of one of its objects is under
        ``return_value``. None if the site is no spec.
        """
        ...

    def path(self, site: Site) -> str:
        """The dotted path of the attribute chain at a reference or a mock.

        ``eventlet.green.socket.AF_INET`` where the site is the module's name.
        """
        ...

    def role(self, site: Site) -> Role:
        """What becomes of a reference site."""
        ...

    def taken(self, site: Site) -> Taken:
        """What a site takes of a module that is a name of the codemod."""
        ...

    def others(self, apis: Collection[str]) -> Sequence[tuple[Subject, str]]:
        """Every subject of some names in the repository, mocks left out.

        Each with the reason for which it stays whatever is decided, or nothing.
        """
        ...

    def need(self, site: Site) -> Need | None:
        """What an import that its file does not use may be there for all the same.

        None if it is proven to be there for nothing.
        """
        ...

    def shadow(self, module: str, site: Site) -> str | None:
        """The file beside a script that it would import in a module's place."""
        ...

    def name_of(self, module: str, attribute: str) -> cst.BaseExpression:
        """An expression for ``module.attribute`` that cannot clash at any site."""
        ...

    def module(self, name: str) -> cst.BaseExpression:
        """An expression for a module that cannot clash at any site."""
        ...

    def pooled(self, subject: Subject) -> str:
        """A place that gives a pool or an executor a function that holds a site.

        Also one of a function that names such a one; empty if none is in sight.
        """
        ...

    def dotted(self, named: cst.BaseExpression) -> str:
        """The dotted path of what :meth:`name_of` or :meth:`helper` gave."""
        ...

    def caught(self, site: Site) -> frozenset[str]:
        """The exceptions that are caught around a site, each as the source has it."""
        ...

    def made_by(self, expression: str, site: Site) -> frozenset[str]:
        """The dotted names of what was called to make a name or ``self.attribute``.

        As it stands where the site is; empty if any value of it is not known.
        """
        ...

    def meaning(self, expression: str, site: Site) -> str:
        """The dotted path that imports give a name or a chain of attributes.

        As it stands where the site is; empty if its name is bound in any other way.
        """
        ...

    def is_error_class(self, expression: str, site: Site) -> bool:
        """Whether a name or a chain of attributes is certainly a class to raise.

        What is given or assigned is not: it may be None, or an exception.
        """
        ...

    def expects(self, error: str, site: Site) -> bool:
        """Whether something is done about an exception that a site may raise."""
        ...

    def for_truth(self, site: Site) -> bool:
        """Whether of what a method gives only its truth is asked."""
        ...

    def at_most_once(self, makers: Collection[Site], sites: Collection[Site]) -> bool:
        """Whether for each object that the calls make at most one of the sites runs.

        And that one only once; False where it cannot be told.
        """
        ...

    def handler(self, site: Site) -> str:
        """Where the code at a site is made a handler of a signal, or called by one.

        Empty if nothing says so. As a rule a handler runs in the hub of green
        threads, which cannot wait for anything.
        """
        ...

    def waited_for(self, site: Site, waits: Collection[Site]) -> bool:
        """Whether what a site kills has ended: one of others waits for it just before.

        By the same name, as a statement of the same block: ``t.wait()``, ``t.kill()``.
        """
        ...

    def called_until(self, site: Site, ends: Collection[Site]) -> tuple[str, ...]:
        """What is called in a block behind a site, up to the last of others there.

        Each function as the source has it, without those of handlers and clean-up.
        """
        ...

    def builtin(self, name: str, site: Site) -> bool:
        """Whether a name means Python's built-in function where the site is."""
        ...

    def number(self, name: str, site: Site) -> float | None:
        """The number that a name is bound to, if it is bound to nothing else."""
        ...

    def patched(self, module: str, site: Site) -> Patched:
        """Whether ``module`` is monkey-patched in every process that runs the site."""
        ...

    def itself(self, module: str, attribute: str) -> cst.BaseExpression:
        """What ``module.attribute`` is when the file is imported, by an own name.

        Whatever is put in its place later: ``from module import attribute``.
        """
        ...

    def kept(
        self, module: str, attribute: str, site: Site
    ) -> cst.BaseExpression | None:
        """What ``module.attribute`` is below the imports of a file, by an own name.

        An assignment there, after what the file loads has patched: ``real_sleep =
        time.sleep``. None where that may be too early still, or there is no place.
        """
        ...

    def is_mocked(self, module: str, attribute: str, site: Site) -> bool:
        """Whether what runs with a site puts something in its place.

        In its file, or where a base of its class is. Not where a mock of the site does
        it that goes along.
        """
        ...

    def early_import(self, module: str, site: Site) -> str:
        """Why a file may import a name before its process patches a module."""
        ...

    def early(self, module: str, site: Site) -> str:
        """Why a site may come before its process patches a module; empty if it cannot.

        Of a site that takes a name, or makes an object, while its file is imported:
        both stay as they were then.
        """
        ...

    def runs_early(self, module: str, site: Site) -> str:
        """Why a site may run before its process patches; empty if it cannot.

        As its file is imported, or in a function that patches behind it.
        """
        ...

    def remains(self, site: Site) -> Remains:
        """What is left of green threads in the processes that run the site.

        In a series it is asked on the texts that the patches before have left.
        """
        ...

    def patching(self, site: Site) -> Patching:
        """A call of ``monkey_patch``, and the processes that it is for."""
        ...

    def is_dual(self) -> bool:
        """Whether the project stays able to run under Eventlet: profile ``dual``."""
        ...

    def task(self, site: Site) -> Task:
        """What is known of the function that a call is given to run."""
        ...

    def loop(self, site: Site, subject: Subject) -> Loop:
        """The least bounded loop that runs a site for one and the same object.

        Around the site, and around the calls of its function unless the object is
        local to it.
        """
        ...

    def gives(self, site: Site) -> frozenset[str]:
        """What is used of the object that a method of another one gives."""
        ...

    def finite(self, site: Site, position: int) -> bool:
        """Whether what a call goes over certainly ends, such as a list."""
        ...

    def consumed(self, site: Site) -> str:
        """How what a call gives is gone over once and to its end.

        ``looped`` by a statement, ``collected`` by an expression, or nothing.
        """
        ...

    def parts(self, subject: Subject) -> Sequence[Subject]:
        """Each object of a subject that is several, with its own uses."""
        ...

    def local(self, subject: Subject) -> bool:
        """Whether an object is made once and used in that one function only."""
        ...

    def final(self, site: Site, subject: Subject) -> bool:
        """Whether a local object is used by no other method after a site."""
        ...

    def reentered(self, subject: Subject) -> str:
        """Where a task of an object may use it itself; empty if none does."""
        ...

    def value(self, name: str, site: Site) -> cst.BaseExpression | None:
        """What a name is bound to, if it is bound to one thing only."""
        ...

    def default(self, name: str, site: Site) -> cst.BaseExpression | None:
        """What a parameter is where it is not given; None for any other name."""
        ...

    def allows_before(self, name: str, version: tuple[int, ...]) -> bool:
        """Whether the project asks for a distribution from an older version on."""
        ...

    def helper(self, option: str, site: Site) -> cst.BaseExpression | None:
        """The project's own function that the configuration names for ``option``."""
        ...


class FileContext(Protocol):
    """What a codemod about project files may ask."""

    def line(self, site: Site) -> Line:
        """The line of a project file that a site is."""
        ...

    def left(self) -> Sequence[str]:
        """The places that still need Eventlet: code, tests, and how it is deployed.

        In a series it is asked on the texts that the patches before have left.
        """
        ...

    def is_dual(self) -> bool:
        """Whether the project stays able to run under Eventlet: profile ``dual``."""
        ...

    def requires(self, name: str) -> bool:
        """Whether the project says that it needs a distribution, or says nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision for a subject, as every report reads it.

    ``verdict`` is ``rewrite``, ``assume`` or ``refuse``; ``reason`` is empty for a
    rewrite without caveat.
    """

    subject: Subject
    codemod: str
    decision: Decision
    accepted: bool = False

    @property
    def verdict(self) -> Literal["rewrite", "assume", "refuse"]:
        """The word for the decision."""
        if isinstance(self.decision, Refuse):
            return "refuse"
        return "assume" if isinstance(self.decision, Assume) else "rewrite"

    @property
    def rewrite(self) -> Rewrite | None:
        """The rewrite, proven or assumed; None for a refusal."""
        if isinstance(self.decision, Refuse):
            return None
        if isinstance(self.decision, Assume):
            return self.decision.rewrite
        return self.decision

    @property
    def applies(self) -> bool:
        """Whether the sites change: proven, or an assumption that was accepted."""
        return isinstance(self.decision, Rewrite) or self.accepted

    @property
    def reason(self) -> str:
        """The reason code of a refusal or an assumption, else the first caveat."""
        if isinstance(self.decision, Rewrite):
            return self.decision.caveats[0] if self.decision.caveats else ""
        return self.decision.reason

    @property
    def detail(self) -> str:
        """What of this code the reason speaks of."""
        return "" if isinstance(self.decision, Rewrite) else self.decision.detail

    @property
    def proposals(self) -> Mapping[Site, Proposal]:
        """What a person may write at some of the sites; nothing for a rewrite."""
        return {} if isinstance(self.decision, Rewrite) else self.decision.proposals


@dataclass(frozen=True, slots=True)
class Reason:
    """A documented reason code: what it means and what to do.

    :param subject: the first line of the message of a patch that changes nothing but
        what rests on it, if that is not the codemod's, and ``done`` the line below it.
    """

    code: str
    verdict: Literal["refuse", "assume", "caveat", "problem", "hazard"]
    summary: str
    suggestion: str
    subject: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """The specification of a codemod: the front matter of its page and its text.

    :param replaces: the Eventlet names that it is for, each with the dotted name that
        takes its place; empty for a name that is only ever refused.
    :param place: where in a series it comes among those that could come next; the
        lowest first, which is what is easiest to review.
    :param same: those of the names that are the same object as what takes their place,
        so that it does not matter which of the two something is tested for being.
    :param about: what its subjects are: the ``uses`` of these names, or the ``imports``
        of Eventlet that nothing in their file uses, or lines of project ``files``.
        The second come after all uses, of both stages, the third after everything else;
        both have no names of their own.
    :param settings: those of the names that are there to be assigned to, so that the
        codemod also decides where that is done.
    :param whole: whether its patch is never split, because a part of it is wrong.
    :param together: the reason for which a subject stays where another one stays in
        the same processes; empty if each goes by itself.
    :param interchangeable: whether what takes an object's place has the same methods,
        so that the codemod also decides about objects that are lost from sight.
    """

    name: str
    summary: str
    subject: str
    replaces: Mapping[str, str]
    stage: Literal["A", "B"]
    after: tuple[str, ...] = ()
    place: int = 100
    about: Literal["uses", "imports", "files"] = "uses"
    whole: bool = False
    interchangeable: bool = False
    settings: frozenset[str] = frozenset()
    together: str = ""
    same: frozenset[str] = frozenset()
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    body: str = ""
    module: str = ""

    @property
    def apis(self) -> tuple[str, ...]:
        """The Eventlet names that the codemod is for."""
        return tuple(self.replaces)
