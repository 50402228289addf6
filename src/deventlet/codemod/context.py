"""What a codemod may ask about a subject, by what it is about.

Questions only; they are answered in ``driver/context``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from deventlet.codemod.decisions import Statement
from deventlet.codemod.sites import Mocked, Site, Strings, Subject
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


class Code(Protocol):
    """The source at a site, as LibCST nodes, and what of it may go.

    What gives a node raises ``CannotPrint`` where LibCST would not print it as it
    stands; the driver makes a refusal of that.
    """

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


class Names(Protocol):
    """The names that a rewrite may write, and what names mean where a site is."""

    def name_of(self, module: str, attribute: str) -> cst.BaseExpression:
        """An expression for ``module.attribute`` that cannot clash at any site."""
        ...

    def module(self, name: str) -> cst.BaseExpression:
        """An expression for a module that cannot clash at any site."""
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

    def helper(self, option: str, site: Site) -> cst.BaseExpression | None:
        """The project's own function that the configuration names for ``option``."""
        ...

    def dotted(self, named: cst.BaseExpression) -> str:
        """The dotted path of what :meth:`name_of` or :meth:`helper` gave."""
        ...

    def local_name(self, name: str, site: Site) -> str:
        """The name, or one like it, that nothing uses in the function of a site.

        The same for every site of a subject in that function, and another one for
        another subject.
        """
        ...

    def shadow(self, module: str, site: Site) -> str | None:
        """The file beside a script that it would import in a module's place."""
        ...

    def imports(self, module: str, site: Site) -> bool:
        """Whether the file of an import has a module under another name as well."""
        ...

    def need(self, site: Site) -> Need | None:
        """What an import that its file does not use may be there for all the same.

        None if it is proven to be there for nothing.
        """
        ...

    def builtin(self, name: str, site: Site) -> bool:
        """Whether a name means Python's built-in function where the site is."""
        ...

    def number(self, name: str, site: Site) -> float | None:
        """The number that a name is bound to, if it is bound to nothing else."""
        ...

    def value(self, name: str, site: Site) -> cst.BaseExpression | None:
        """What a name is bound to, if it is bound to one thing only."""
        ...

    def default(self, name: str, site: Site) -> cst.BaseExpression | None:
        """What a parameter is where it is not given; None for any other name."""
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

    def made_by(self, expression: str, site: Site) -> frozenset[str]:
        """The dotted names of what was called to make a name or ``self.attribute``.

        As it stands where the site is; empty if any value of it is not known.
        """
        ...

    def path(self, site: Site) -> str:
        """The dotted path of the attribute chain at a reference or a mock.

        ``eventlet.green.socket.AF_INET`` where the site is the module's name.
        """
        ...


class Objects(Protocol):
    """What is known of the objects of a subject, wherever they are used."""

    def kinds(self, subject: Subject) -> frozenset[str]:
        """The kinds of the objects that a subject is: ``Event``, ``Queue`` …"""
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

    def source(self, subject: Subject) -> Subject | None:
        """The object whose method gave this one; None for one that a call made."""
        ...

    def origins(self, subject: Subject) -> frozenset[str]:
        """How the objects of a subject come to be known.

        ``created`` by a call, instance of a ``subclass``, ``annotated``, ``caught``,
        the ``product`` of a method of another, or what a ``mock`` stands in for.
        """
        ...

    def parts(self, subject: Subject) -> Sequence[Subject]:
        """Each object of a subject that is several, with its own uses."""
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

    def local(self, subject: Subject) -> bool:
        """Whether an object is made once and used in that one function only."""
        ...

    def final(self, site: Site, subject: Subject) -> bool:
        """Whether a local object is used by no other method after a site."""
        ...

    def reentered(self, subject: Subject) -> str:
        """Where a task of an object may use it itself; empty if none does."""
        ...

    def at_most_once(self, makers: Collection[Site], sites: Collection[Site]) -> bool:
        """Whether for each object that the calls make at most one of the sites runs.

        And that one only once; False where it cannot be told.
        """
        ...

    def gives(self, site: Site) -> frozenset[str]:
        """What is used of the object that a method of another one gives."""
        ...

    def fates(self, subject: Subject) -> frozenset[str]:
        """What is done with what ``getcurrent()`` gives.

        ``text`` where it, or its ``id``, is printed; ``number`` for any other use of
        its ``id``; ``compared`` and ``key`` where it meets others of its kind only;
        ``dropped`` where it is not used.
        """
        ...

    def pooled(self, subject: Subject) -> str:
        """A place that gives a pool or an executor a function that holds a site.

        Also one of a function that names such a one; empty if none is in sight.
        """
        ...

    def unseen_call(self, subject: Subject) -> str:
        """A call, maybe of the subject's public name, that gives nothing by position.

        Nobody's import leads there, but the module that has the name is given to
        others as a value. Empty where there is none.
        """
        ...


class Flow(Protocol):
    """What the code at a site and around it does when it runs."""

    def role(self, site: Site) -> Role:
        """What becomes of a reference site."""
        ...

    def taken(self, site: Site) -> Taken:
        """What a site takes of a module that is a name of the codemod."""
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

    def task(self, site: Site) -> Task:
        """What is known of the function that a call is given to run."""
        ...

    def spread(self, name: str, site: Site) -> Literal["*", "**", ""]:
        """Whether a name is ``*args`` or ``**kwargs`` of the function of a site.

        Only if nothing binds it again, or uses it where the call may be over.
        """
        ...

    def is_argument_of(self, name: str, site: Site) -> bool:
        """Whether a call is the only argument of a built-in function: ``id(site)``."""
        ...

    def repeated(self, site: Site) -> bool:
        """Whether a site is in a loop of its function, or in a comprehension."""
        ...

    def loop(self, site: Site, subject: Subject) -> Loop:
        """The least bounded loop that runs a site for one and the same object.

        Around the site, and around the calls of its function unless the object is
        local to it.
        """
        ...

    def finite(self, site: Site, position: int) -> bool:
        """Whether what a call goes over certainly ends, such as a list."""
        ...

    def consumed(self, site: Site) -> str:
        """How what a call gives is gone over once and to its end.

        ``looped`` by a statement, ``collected`` by an expression, or nothing.
        """
        ...

    def guarded(self, site: Site, question: str) -> bool:
        """Whether a method is called first in ``while not q.empty():``.

        With nothing between the two that could switch to another green thread, so
        that what the question said still holds.

        :param question: the name of the method that has to say no.
        """
        ...

    def caught(self, site: Site) -> frozenset[str]:
        """The exceptions that are caught around a site, each as the source has it."""
        ...

    def expects(self, error: str, site: Site) -> bool:
        """Whether something is done about an exception that a site may raise."""
        ...

    def for_truth(self, site: Site) -> bool:
        """Whether of what a method gives only its truth is asked."""
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


class Mocks(Protocol):
    """What tests put in the place of a name, and what they ask of it."""

    def mocked(self, subject: Subject) -> Mocked:
        """What the test asks of a mock, and what it puts in the name's place."""
        ...

    def spec(self, site: Site) -> Mocked | None:
        """What a test asks of the mock whose spec a reference site is.

        As for a mock of the class: what is asked of one of its objects is under
        ``return_value``. None if the site is no spec.
        """
        ...

    def is_mocked(self, module: str, attribute: str, site: Site) -> bool:
        """Whether what runs with a site puts something in its place.

        In its file, or where a base of its class is. Not where a mock of the site does
        it that goes along.
        """
        ...

    def mocked_for_all(self, module: str, attribute: str, site: Site) -> str:
        """The file that puts something in its place for every test of a package.

        If one of them may run the site: in its file, or in code that it imports.
        Empty if no file does.
        """
        ...

    def strings(self, site: Site) -> Strings:
        """What the argument may be for which a call has to do with Eventlet.

        Lost where a test puts a mock in the place of what is called: it may expect
        the argument as it is.
        """
        ...


class Processes(Protocol):
    """What the processes that run a site patch, when, and what of it is left."""

    def patched(self, module: str, site: Site) -> Patched:
        """Whether ``module`` is monkey-patched in every process that runs the site."""
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

    def early_import(self, module: str, site: Site) -> str:
        """Why a file may import a name before its process patches a module."""
        ...

    def remains(self, site: Site) -> Remains:
        """What is left of green threads in the processes that run the site.

        In a series it is asked on the texts that the patches before have left.
        """
        ...

    def patching(self, site: Site) -> Patching:
        """A call of ``monkey_patch``, and the processes that it is for."""
        ...


class Project(Protocol):
    """What holds for the project as a whole."""

    def is_dual(self) -> bool:
        """Whether the project stays able to run under Eventlet: profile ``dual``."""
        ...

    def others(self, apis: Collection[str]) -> Sequence[tuple[Subject, str]]:
        """Every subject of some names in the repository, mocks left out.

        Each with the reason for which it stays whatever is decided, or nothing.
        """
        ...

    def allows_before(self, name: str, version: tuple[int, ...]) -> bool:
        """Whether the project asks for a distribution from an older version on."""
        ...


class Context(Protocol):
    """What a codemod may ask about one subject."""

    @property
    def code(self) -> Code:
        """The source at a site, as LibCST nodes, and what of it may go."""
        ...

    @property
    def names(self) -> Names:
        """The names that a rewrite may write, and what names mean where a site is."""
        ...

    @property
    def objects(self) -> Objects:
        """What is known of the objects of a subject, wherever they are used."""
        ...

    @property
    def flow(self) -> Flow:
        """What the code at a site and around it does when it runs."""
        ...

    @property
    def mocks(self) -> Mocks:
        """What tests put in the place of a name, and what they ask of it."""
        ...

    @property
    def processes(self) -> Processes:
        """What the processes that run a site patch, when, and what of it is left."""
        ...

    @property
    def project(self) -> Project:
        """What holds for the project as a whole."""
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
