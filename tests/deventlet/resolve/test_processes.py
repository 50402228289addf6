from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from deventlet.resolve.facts import Patched
from deventlet.resolve.processes import Processes
from deventlet.resolve.processes.starters import waits
from deventlet.resolve.project import Project

PATCH = "import eventlet\neventlet.monkey_patch()\n"
SITE = "import eventlet\n\ndef work():\n    eventlet.sleep(1)\n"
STARTS = "import eventlet\n\ndef start():\n    eventlet.spawn(print)\n"

Build = Callable[..., Processes]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Write a repository; packages get their ``__init__.py`` by themselves."""

    def write(
        files: Mapping[str, str],
        ignored: tuple[str, ...] = (),
        not_counted: tuple[str, ...] = (),
        spellings: Mapping[str, str] | None = None,
    ) -> Processes:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
            for folder in path.relative_to(tmp_path).parents:
                if folder.name and name.endswith(".py") and folder.name != "tools":
                    (tmp_path / folder / "__init__.py").touch()
        paths = sorted(
            str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if is_python(p)
        )
        project = Project(tmp_path, paths)
        return Processes(project, ignored, not_counted, spellings)

    return write


def is_python(path: Path) -> bool:
    return path.suffix == ".py" or (path.is_file() and path.parent.name == "bin")


def commands(*targets: str) -> str:
    lines = [f"    c{n} = {target}" for n, target in enumerate(targets)]
    return "\n".join(["[entry_points]", "console_scripts =", *lines, ""])


def service(patch: str, main: str = "work()") -> dict[str, str]:
    """One command whose module runs ``patch`` when it is imported."""
    return {
        "setup.cfg": commands("app.cmd:main"),
        "app/work.py": SITE,
        "app/cmd.py": f"{dedent(patch)}\nimport eventlet as green\n"
        "from app.work import work\n"
        f"def main():\n    green.spawn(print)\n    {main}\n",
    }


def outcome(answer: Patched) -> str:
    return "proven" if answer.proven else answer.reason


# -- keywords ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keywords", "patched"),
    [
        ("", {"os", "select", "socket", "subprocess", "thread", "time"}),
        ("all=True", {"os", "select", "socket", "subprocess", "thread", "time"}),
        ("os=False", {"select", "socket", "subprocess", "thread", "time"}),
        ("time=True", {"time"}),
        ("time=True, thread=False", {"time"}),
        ("all=True, os=False", {"select", "socket", "subprocess", "thread", "time"}),
        ("all=False", set()),
        ("all=False, socket=True, select=True", {"socket", "select"}),
        ("thread=FLAG()", set()),
        ("thread=FLAG(), time=True", {"time"}),
        ("time=FLAG(), thread=True", {"thread"}),
        ("**OPTIONS", set()),
        ("**dict(time=True, thread=FLAG())", {"time"}),
        ("**{'time': True, 'os': True}", {"os", "time"}),
        ("**{'time': True, **OPTIONS}", set()),
    ],
)
def test_keywords_say_what_is_patched(
    build: Build, keywords: str, patched: set[str]
) -> None:
    processes = build(service(f"import eventlet\neventlet.monkey_patch({keywords})"))
    every = ("os", "select", "socket", "subprocess", "thread", "time")
    proven = {m for m in every if processes.patched(m, "app/cmd.py", None).proven}
    assert proven == patched


@pytest.mark.parametrize(
    ("more", "patched"),
    [("", {"thread", "time"}), ("WHAT['thread'] = read()", set()), ("WHAT = 1", set())],
)
def test_keywords_may_stand_in_a_dict_that_nobody_changes(
    build: Build, more: str, patched: set[str]
) -> None:
    patch = f"import eventlet\nWHAT = dict(thread=True, time=True)\n{more}\n"
    processes = build(service(f"{patch}eventlet.monkey_patch(**WHAT)"))
    every = ("os", "select", "socket", "subprocess", "thread", "time")
    proven = {m for m in every if processes.patched(m, "app/cmd.py", None).proven}
    assert proven == patched


@pytest.mark.parametrize(
    ("keyword", "module"),
    [("thread", "threading"), ("thread", "queue"), ("socket", "ssl")],
)
def test_a_module_is_patched_with_the_one_it_belongs_to(
    build: Build, keyword: str, module: str
) -> None:
    processes = build(
        service(f"import eventlet\neventlet.monkey_patch({keyword}=True)")
    )
    assert processes.patched(module, "app/cmd.py", None).proven
    assert not processes.patched("time", "app/cmd.py", None).proven


# -- which calls are patch calls -------------------------------------------------


@pytest.mark.parametrize(
    "patch",
    [
        "from library import color\ncolor.paint()",
        "import library.color as c\ndef go():\n    c.paint()\ngo()",
        "from library.color import paint\npaint()",
    ],
)
def test_another_librarys_function_counts_where_the_user_says_so(
    build: Build, patch: str
) -> None:
    files = service(patch)
    assert not build(files).patched("time", "app/work.py", "work").proven
    spelled = {"library.color.paint": "eventlet.monkey_patch"}
    processes = build(files, (), (), spelled)
    assert processes.patched("time", "app/work.py", "work").proven
    less = service(patch.replace("paint()", "paint(time=False)"))
    again = build(less, (), (), spelled)
    assert not again.patched("time", "app/work.py", "work").proven


@pytest.mark.parametrize(
    "patch",
    [
        "import eventlet\neventlet.monkey_patch()",
        "import eventlet.patcher\neventlet.patcher.monkey_patch()",
        "from eventlet import monkey_patch\nmonkey_patch()",
        "from eventlet.patcher import monkey_patch as mp\nmp()",
        "from eventlet import patcher\npatcher.monkey_patch()",
        "def go():\n    import eventlet\n    eventlet.monkey_patch()\ngo()",
        "import eventlet\nwith open('x'):\n    eventlet.monkey_patch()",
        "try:\n    import eventlet\n    eventlet.monkey_patch()\n"
        "except ImportError:\n    raise",
    ],
)
def test_a_call_counts_however_it_is_spelled(build: Build, patch: str) -> None:
    answer = build(service(patch)).patched("time", "app/work.py", "work")
    assert answer == Patched(
        True, "app.cmd patches time for every entry point that runs this"
    )


@pytest.mark.parametrize(
    "patch",
    [
        "def monkey_patch():\n    pass\nmonkey_patch()",
        "import other as eventlet\neventlet.monkey_patch()",
        "import eventlet\nfor x in y:\n    eventlet.monkey_patch()",
        "import eventlet\nif something:\n    eventlet.monkey_patch()",
        "import eventlet\nlater = lambda: eventlet.monkey_patch()",
        "import eventlet\nsomething and eventlet.monkey_patch()",
        "import eventlet\ndef never():\n    eventlet.monkey_patch()",
        "import eventlet\ntry:\n    something()\nexcept ValueError:\n"
        "    eventlet.monkey_patch()",
        "'''\nimport eventlet\neventlet.monkey_patch()\n'''",
    ],
)
def test_what_does_not_surely_run_eventlets_patch_does_not_count(
    build: Build, patch: str
) -> None:
    assert not build(service(patch)).patched("time", "app/work.py", "work").proven


# -- branches --------------------------------------------------------------------

BRANCHES = """
import os
import eventlet
if {test}:
    eventlet.monkey_patch({first})
else:
    eventlet.monkey_patch({second})
"""


@pytest.mark.parametrize(
    ("first", "second", "proven"),
    [("", "os=False", True), ("", "time=False", False), ("time=True", "", True)],
)
def test_of_alternatives_only_what_both_patch_counts(
    build: Build, first: str, second: str, proven: bool
) -> None:
    patch = BRANCHES.format(test="os.name == 'nt'", first=first, second=second)
    answer = build(service(patch)).patched("time", "app/work.py", "work")
    assert answer.proven is proven


@pytest.mark.parametrize(("ignored", "proven"), [(("debugger",), True), ((), False)])
def test_a_branch_for_the_debugger_is_ignored_on_request(
    build: Build, ignored: tuple[str, ...], proven: bool
) -> None:
    patch = BRANCHES.format(test="debugger.enabled()", first="time=False", second="")
    answer = build(service(patch), ignored).patched("time", "app/work.py", "work")
    assert answer.proven is proven


DEBUGGED = """
def patch(time=True):
    import eventlet
    {}
    eventlet.monkey_patch(socket=True, time=time)
"""


@pytest.mark.parametrize(
    ("patch", "keyword", "says"),
    [
        (
            BRANCHES.format(test="debugger.on()", first="time=False", second=""),
            "time",
            True,
        ),
        (
            BRANCHES.format(test="debugger.on()", first="time=False", second=""),
            "os",
            False,
        ),
        (BRANCHES.format(test="other.on()", first="", second=""), "time", False),
        (DEBUGGED.format("if debugger(): return") + "patch()\n", "socket", True),
        (DEBUGGED.format("if debugger(): time = False") + "patch()\n", "time", True),
        (DEBUGGED.format("if debugger(): time = False") + "patch()\n", "socket", False),
        (DEBUGGED.format("if debugger(): print()") + "patch()\n", "time", False),
    ],
)
def test_a_proof_says_that_a_branch_does_not_count(
    build: Build, patch: str, keyword: str, says: bool
) -> None:
    processes = build(service(patch), ("debugger",))
    answer = processes.patched(keyword, "app/work.py", "work")
    assert answer.proven
    ending = ", not counting the branch on 'debugger'"
    assert answer.clause.endswith(ending) is says


@pytest.mark.parametrize(
    ("test", "proven"),
    [
        ("os.environ.get('NO_PATCH', '').lower() not in ('1', 'true')", True),
        ("not os.environ.get('NO_PATCH')", True),
        ("not strutils.bool_from_string(os.getenv('NO_PATCH'))", True),
        ("'NO_PATCH' not in os.environ", True),
        ("KIND == 'eventlet'", True),
        ("wanted(os.environ)", True),
        ("os.environ.get('PATCH')", False),
        ("'PATCH' in os.environ", False),
        ("OTHER == 'eventlet'", False),
        ("sys.argv[1:]", False),
    ],
)
def test_a_guard_that_one_opts_out_of_counts_as_patching(
    build: Build, test: str, proven: bool
) -> None:
    patch = f"""
import os, sys
import eventlet
KIND = os.getenv('KIND', 'eventlet')
OTHER = os.getenv('OTHER', 'native')
if {test}:
    eventlet.monkey_patch()
"""
    answer = build(service(patch)).patched("time", "app/work.py", "work")
    assert answer.proven is proven


DEMO = "import eventlet\n\nif __name__ == '__main__':\n    eventlet.monkey_patch()\n"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "proven"),
        ({"lib/tests/test_demo.py": "from lib import demo"}, "proven"),
        ({"lib/base.py": "from lib import demo"}, "process-patched"),
        ({"bin/run": "#!/usr/bin/python\nfrom lib import demo"}, "proven"),
    ],
)
def test_a_demonstration_proves_nothing_of_who_uses_the_library(
    build: Build, more: dict[str, str], expected: str
) -> None:
    answer = build({"lib/demo.py": DEMO, "lib/work.py": SITE, **more})
    assert outcome(answer.patched("time", "lib/work.py", "work")) == expected


ONCE = """
import os
import eventlet
done = False
def patch():
    global done
    {first}
    if not done:
        {opt_out}
        eventlet.monkey_patch()
        done = True
def start():
    global other
    {elsewhere}
patch()
"""


@pytest.mark.parametrize(
    ("parts", "proven"),
    [
        ({}, True),
        ({"opt_out": "if os.getenv('NO') == '1': done = True; return"}, True),
        ({"first": "done = bool(os.listdir())"}, False),
        ({"elsewhere": "global done; done = True"}, False),
    ],
)
def test_a_function_that_patches_once_has_not_run_before(
    build: Build, parts: dict[str, str], proven: bool
) -> None:
    filled = {"first": "pass", "opt_out": "pass", "elsewhere": "pass"} | parts
    code = service(ONCE.format(**filled))
    assert build(code).patched("time", "app/work.py", "work").proven is proven


ASKED_FOR = """
import os
import eventlet
PATCHED = False
def is_patched():
    {gives}
def really():
    if is_patched():
        return False
    eventlet.monkey_patch()
    return True
def patch(kind='green'):
    global PATCHED
    word = os.environ.get('NATIVE', '')
    if word == '':
        wanted = {wanted}
    elif word == 'yes':
        wanted = False
    else:
        wanted = True
    {between}
    if wanted:
        {before}
        if {once}:
            PATCHED = True
def start():
    {elsewhere}
{call}
"""


@pytest.mark.parametrize(
    ("parts", "proven"),
    [
        ({}, True),
        ({"call": "patch('green')"}, True),
        ({"call": "patch('native')"}, False),
        ({"call": "patch(os.name)"}, False),
        ({"wanted": "bool(os.listdir())"}, False),
        ({"between": "wanted = os.name == 'nt'"}, False),
        ({"between": "wanted = True"}, True),
        ({"between": "wanted += 1"}, False),
        ({"between": "for wanted in os.listdir(): pass"}, False),
        ({"between": "def change():\n        nonlocal wanted; wanted = 0"}, False),
        ({"once": "not really()"}, True),
        ({"once": "os.name == 'nt' and really()"}, False),
        ({"once": "os.name == 'nt' or really()"}, False),
        ({"before": "really()", "once": "os.listdir()"}, True),
        ({"before": "PATCHED = True"}, False),
        ({"before": "for _ in os.listdir(): really()", "once": "1"}, False),
        ({"gives": "'''Whether it is.'''\n    return PATCHED"}, True),
        ({"gives": "print(1); return PATCHED"}, False),
        ({"gives": "return bool(PATCHED)"}, False),
        ({"elsewhere": "global PATCHED; PATCHED = True"}, False),
        ({"elsewhere": "global PATCHED; really(); PATCHED = True"}, True),
        ({"elsewhere": "global is_patched; is_patched = list"}, False),
    ],
)
def test_a_flag_that_is_asked_for_is_not_set_before(
    build: Build, parts: dict[str, str], proven: bool
) -> None:
    filled = {
        "gives": "return PATCHED", "wanted": "kind == 'green'", "between": "pass",
        "before": "pass", "once": "really()", "elsewhere": "pass", "call": "patch()",
    }  # fmt: skip
    code = service(ASKED_FOR.format(**(filled | parts)))
    assert build(code).patched("time", "app/work.py", "work").proven is proven


@pytest.mark.parametrize(
    ("condition", "proven"), [("os.environ.get('NO')", True), ("CONF.native", False)]
)
def test_what_follows_an_early_return_is_conditional(
    build: Build, condition: str, proven: bool
) -> None:
    patch = f"""
import os
import eventlet
def patch():
    if {condition}:
        return
    eventlet.monkey_patch()
patch()
"""
    answer = build(service(patch)).patched("time", "app/work.py", "work")
    assert answer.proven is proven


@pytest.mark.parametrize(("asked", "proven"), [("time", True), ("thread", False)])
def test_patching_what_is_not_yet_patched_leaves_that_patched(
    build: Build, asked: str, proven: bool
) -> None:
    patch = f"""
import eventlet
if not eventlet.patcher.is_monkey_patched({asked!r}):
    eventlet.monkey_patch()
"""
    answer = build(service(patch)).patched("time", "app/work.py", "work")
    assert answer.proven is proven


# -- wrappers --------------------------------------------------------------------

WRAPPER = """
import eventlet

def patch(url='', time=True):
    if url and url.startswith('fake://'):
        eventlet.monkey_patch(time=time)
"""


@pytest.mark.parametrize(
    ("call", "proven"),
    [
        ("patch('fake://')", True),
        ("patch(url='fake://here')", True),
        ("patch()", False),
        ("patch('real://')", False),
        ("patch(CONF.url)", False),
        ("patch('fake://', time=False)", True),  # then all but time is the default
        ("patch(*args)", False),
    ],
)
def test_a_wrapper_gets_the_literals_of_its_call(
    build: Build, call: str, proven: bool
) -> None:
    files = service(f"from app.wrap import patch\n{call}") | {"app/wrap.py": WRAPPER}
    keyword = "socket" if "time=False" in call else "time"
    answer = build(files).patched(keyword, "app/work.py", "work")
    assert answer.proven is proven


def test_a_call_that_proves_nothing_is_still_a_call(build: Build) -> None:
    method = "import eventlet\nclass S:\n    def run(self):\n"
    files = service(method + "        eventlet.monkey_patch()")
    answer = build(files).patched("time", "app/work.py", "work")
    assert outcome(answer) == "process.unpatched"


@pytest.mark.parametrize(
    ("body", "proven"),
    [
        ("if time is None:\n        time = not debugger()", True),
        ("if time is None:\n        time = chosen()", False),
        ("if chosen():\n        time = True", False),
        ("time = False\n    time = True", True),
        ("for time in chosen(): pass", False),
        ("def inner():\n        nonlocal time\n        time = False", False),
    ],
)
def test_a_parameter_is_followed_through_its_function(
    build: Build, body: str, proven: bool
) -> None:
    wrapper = f"""
def patch(time=None):
    import eventlet
    {body}
    eventlet.monkey_patch(socket=True, time=time)
"""
    files = service("from app.wrap import patch\npatch()") | {"app/wrap.py": wrapper}
    answer = build(files, ("debugger",)).patched("time", "app/work.py", "work")
    assert answer.proven is proven


def test_a_parameter_that_is_assigned_again_is_unknown(build: Build) -> None:
    wrapper = WRAPPER.replace("    if url", "    url = read()\n    if url")
    files = service("from app.wrap import patch\npatch('fake://')")
    answer = build(files | {"app/wrap.py": wrapper}).patched(
        "time", "app/work.py", "work"
    )
    assert not answer.proven


@pytest.mark.parametrize(
    ("named", "call", "proven"),
    [
        ("patch = eventlet.monkey_patch", "hub.patch(thread=False)", True),
        ("patch = eventlet.monkey_patch\nagain = patch", "hub.again()", True),
        ("patch = eventlet.monkey_patch", "hub.patch(time=False)", False),
        ("patch = eventlet.spawn", "hub.patch()", False),
        ("patch = eventlet.monkey_patch\npatch = print", "hub.patch()", False),
    ],
)
def test_another_name_of_the_function_patches(
    build: Build, named: str, call: str, proven: bool
) -> None:
    files = service(f"from app import hub\n{call}")
    files["app/hub.py"] = f"import eventlet\n{named}\n"
    found = build(files).patched("time", "app/work.py", None)
    assert found.proven is proven


@pytest.mark.parametrize(
    "patch",
    [
        "from app import wrap\nwrap.outer()",
        "import app.wrap\napp.wrap.outer()",
        "from app.shim import outer\nouter()",
        "from app import shim\nshim.outer()",
    ],
)
def test_wrappers_of_wrappers_are_followed_through_other_files(
    build: Build, patch: str
) -> None:
    files = service(patch) | {
        "app/wrap.py": WRAPPER.replace("patch(url=''", "inner(url='fake://'")
        + "\ndef outer():\n    inner()\n",
        "app/shim.py": "from app.wrap import outer\n",
    }
    assert build(files).patched("time", "app/work.py", "work").proven


def test_a_file_that_names_no_patching_function_is_not_parsed(build: Build) -> None:
    files = service(PATCH) | {"app/broken.py": "import app.work\nthis is not Python\n"}
    processes = build(files)
    assert processes.patched("time", "app/work.py", "work").proven
    assert not processes.project.problems


# -- entry points ----------------------------------------------------------------


@pytest.mark.parametrize(
    "packaging",
    [
        {"setup.cfg": commands("app.cmd:main")},
        {"setup.cfg": "[options.entry_points]\ngui_scripts =\n  c = app.cmd:main\n"},
        {"setup.cfg": "[entry_points]\nwsgi_scripts =\n  c = app.cmd:main\n"},
        {
            "setup.cfg": "[metadata]\nproject_urls:\n  Source=https://a.org\n"
            "[entry_points]\nconsole_scripts:\n  c = app.cmd:main\n"
        },
        {"pyproject.toml": "[project.scripts]\nc = 'app.cmd:main'\n"},
        {
            "setup.py": "from setuptools import setup\nsetup(entry_points="
            "{'console_scripts': ['c = app.cmd:main']})\n"
        },
        {
            "setup.py": "from setuptools import setup\nsetup(entry_points="
            "'[console_scripts]\\nc = app.cmd:main')\n"
        },
    ],
)
def test_entry_points_are_read_from_every_packaging_file(
    build: Build, packaging: dict[str, str]
) -> None:
    files = service("", main="import eventlet; eventlet.monkey_patch(); work()")
    del files["setup.cfg"]
    processes = build(files | packaging)
    found = [(entry.module, entry.function) for entry in processes.entry_points]
    assert found == [("app.cmd", "main")]
    assert processes.patched("time", "app/work.py", "work").proven


def test_a_setup_that_computes_its_entry_points_is_not_run(
    build: Build, tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    setup = f"open({str(marker)!r}, 'w')\nsetup(entry_points=compute())\n"
    processes = build({"setup.py": setup, "app/work.py": SITE})
    assert processes.entry_points == ()
    assert not marker.exists()


def test_the_package_of_a_command_patches_for_it(build: Build) -> None:
    files = {
        "setup.cfg": commands("app.cmd.run:main"),
        "app/cmd/__init__.py": PATCH,
        "app/cmd/run.py": "from app import work\ndef main():\n    work.work()\n",
        "app/work.py": SITE,
    }
    answer = build(files).patched("time", "app/work.py", "work")
    assert answer.clause == (
        "app.cmd patches time for every entry point that runs this"
    )


def test_an_import_inside_a_function_may_run_but_need_not_patch(build: Build) -> None:
    files = service("def rarely():\n    import app.patch\n", main="start()") | {
        "app/patch.py": PATCH,
        "app/cmd.py": "def rarely():\n    import app.patch\n"
        "def main():\n    from app.work import work, start\n    start()\n    work()\n",
        "app/work.py": SITE + STARTS,
    }
    assert outcome(build(files).patched("time", "app/work.py", "work")) == (
        "process.unpatched"
    )


SCRIPTS = [
    ("tools/run.py", "from app.work import work\nif __name__ == '__main__':\n    {0}"),
    ("app/wsgi.py", "from app.work import work\n{0}\napplication = work()\n"),
    ("bin/run", "#!/usr/bin/python3\nfrom app.work import work\n{0}\nwork()\n"),
]


@pytest.mark.parametrize(("path", "text"), SCRIPTS)
def test_scripts_and_wsgi_modules_are_entry_points(
    build: Build, path: str, text: str
) -> None:
    patch = "import eventlet; eventlet.monkey_patch()"
    files = {"app/work.py": SITE + STARTS, path: text.format(patch)}
    processes = build(files)
    assert [e.label for e in processes.entry_points] == [path]
    assert processes.patched("time", "app/work.py", "work").proven


def test_a_file_that_patches_and_that_nobody_imports_is_an_entry_point(
    build: Build,
) -> None:
    files = {"app/engine.py": PATCH + "import app.work\n", "app/work.py": SITE}
    processes = build(files)
    assert [e.label for e in processes.entry_points] == ["app/engine.py"]
    assert processes.patched("time", "app/work.py", "work").proven


# -- processes that do not patch ---------------------------------------------------

WRAPPING = """
def wrapping(f):
    @functools.wraps(f)
    def wrapper(*args):
        print(f.__name__)
        return f(*args)
    return wrapper
"""
MAKING = """
def wrapping(times):
    def decorate(f):
        def wrapper(*args):
            return [f(*args) for _ in range(times)]
        return wrapper
    return decorate
"""


@pytest.mark.parametrize(
    ("decorator", "proven"),
    [
        (f"@wrapping{WRAPPING}", True),
        (f"@wrapping(3){MAKING}", True),
        (f"@wrapping{WRAPPING.replace('return wrapper', 'KEPT.append(f)')}", False),
        (f"@wrapping(3){MAKING.replace('return wrapper', 'KEPT[times] = f')}", False),
        (f"@wrapping{WRAPPING.replace('print(f.__name__)', 'KEPT = f')}", False),
        (f"@wrapping{WRAPPING.replace('return wrapper', 'return f()')}", False),
        ("@wrapping\nwrapping = KEPT.append", False),
        ("@wrapping\n", False),
    ],
)
def test_what_a_decorator_only_wraps_is_not_called_by_it(
    build: Build, decorator: str, proven: bool
) -> None:
    use, _, definition = decorator.partition("\n")
    main = (
        f"{definition}\n{use}\ndef dead():\n    work.work()\n"
        "def main():\n    start.start()"
    )
    answer = build(two(main)).patched("time", "app/work.py", "work")
    assert answer.proven is proven


def two(main: str, helper: str = STARTS) -> dict[str, str]:
    """A patched command, and one that does not patch and runs ``main``."""
    return service(PATCH) | {
        "setup.cfg": commands("app.cmd:main", "app.tool:main"),
        "app/start.py": helper,
        "app/tool.py": f"from app import start\nfrom app import work\n{main}\n",
    }


def test_a_command_without_patching_that_reaches_the_site_is_named(
    build: Build,
) -> None:
    main = "def main():\n    start.start()\n    work.work()"
    assert build(two(main)).patched("time", "app/work.py", "work") == Patched(
        False,
        "c1 reaches app.work.work without patching time, "
        "and app.start.start starts green threads there",
        "process.unpatched",
    )


@pytest.mark.parametrize(
    "same",
    ["def work():\n    its.work()", "class work(its.work):\n    pass"],
)
def test_what_has_the_name_of_what_it_uses_leads_on(build: Build, same: str) -> None:
    main = "def main():\n    start.start()\n    work()"
    files = two(f"from app import work as its\n{same}\n{main}")
    answer = build(files).patched("time", "app/work.py", "work")
    assert outcome(answer) == "process.unpatched"


def test_a_command_that_does_not_count_is_named_in_the_proof(build: Build) -> None:
    main = "def main():\n    start.start()\n    work.work()"
    assert (
        not build(two(main), (), ("c9",)).patched("time", "app/work.py", "work").proven
    )
    answer = build(two(main), (), ("c1",)).patched("time", "app/work.py", "work")
    assert answer.proven
    assert answer.clause.endswith(", not counting c1")


@pytest.mark.parametrize(
    "main",
    [
        "def main():\n    start.start()",  # never the site
        "def main():\n    work.work()",  # no green thread
        "def dead():\n    work.work()\ndef main():\n    start.start()",
        "def main():\n    start.start()\n    print('we work hard')",
        "def work():\n    pass\ndef main():\n    start.start()\n    work()",
        "@contextlib.contextmanager\ndef dead():\n    work.work()\n"
        "def main():\n    start.start()",
        "@METRICS.timer('dead')\ndef dead():\n    work.work()\n"
        "def main():\n    start.start()",
        "'''It used to call work.work now and then.'''\ndef main():\n    start.start()",
        "__all__ = ['work.work']\ndef main():\n    start.start()",
        "def main():\n    start.start()\n    isinstance(1, work.work)",
        "def main():\n    start.start()\n    isinstance(1, (str, work.work))",
        "def main():\n    start.start()\n    return 1 == work.work",
        "def main():\n    start.start()\n    return 1 not in (work.work, 2)",
        "if os.name == 'nt':\n    w = None\nelse:\n    w = work.work\n"
        "def main():\n    start.start()",
    ],
)
def test_a_command_that_cannot_do_harm_is_none(build: Build, main: str) -> None:
    assert build(two(main)).patched("time", "app/work.py", "work").proven


@pytest.mark.parametrize(
    "main",
    [
        "def deep():\n    work.work()\ndef main():\n    start.start()\n    deep()",
        "TABLE = {1: work.work}\ndef main():\n    start.start()\n    TABLE[1]()",
        "from app.work import work as w\ndef main():\n    start.start()\n    w()",
        "w = work.work\ndef main():\n    start.start()\n    w()",
        "if os.name == 'nt':\n    w = None\nelse:\n    w = work.work\n"
        "def main():\n    start.start()\n    w()",
        "def main():\n    start.start()\n    return 1 == work.work()",
        "def main():\n    start.start()\n    return 1 in (2, work.work())",
        "def main():\n    start.start()\n    return isinstance(work.work(), int)",
        "def main():\n    start.start()\n    for f in (work.work, print):\n        f()",
        "def main():\n    start.start()\n    work.work.TABLE[1]()",
        "work.work()\ndef main():\n    start.start()",
        "@command\ndef x():\n    work.work()\ndef main():\n    start.start()",
        "class T:\n    def m(self):\n        work.work()\n"
        "def main():\n    start.start()\n    T().m()",
        "def main():\n    start.start()\n    load('app.work.work')",
    ],
)
def test_the_site_is_found_through_other_definitions(build: Build, main: str) -> None:
    answer = build(two(main)).patched("time", "app/work.py", "work")
    assert outcome(answer) == "process.unpatched"


@pytest.mark.parametrize(
    ("helper", "outcome_"),
    [
        (STARTS, "process.unpatched"),
        ("import eventlet\ndef start():\n    with eventlet.Timeout(1):\n        pass\n",
         "process.unpatched"),
        ("from oslo_service import loopingcall\ndef start():\n"
         "    loopingcall.FixedIntervalLoopingCall(f)\n", "process.unpatched"),
        ("import futurist\ndef start():\n    futurist.GreenThreadPoolExecutor()\n",
         "process.unpatched"),
        ("from oslo_service import service\nclass S(service.Service):\n    pass\n"
         "def start():\n    S()\n", "process.unpatched"),
        ("import eventlet\ndef start():\n    try:\n        pass\n"
         "    except eventlet.Timeout:\n        pass\n", "proven"),
        ("import eventlet\ndef start():\n    eventlet.sleep(0)\n", "proven"),
        ("import eventlet\ndef start():\n"
         "    return isinstance(f, eventlet.greenthread.GreenThread)\n", "proven"),
        ("import eventlet\ndef start():\n"
         "    return isinstance(f, (int, eventlet.greenthread.GreenThread))\n",
         "proven"),
        ("import eventlet\ndef start():\n"
         "    return isinstance(eventlet.spawn(f), int)\n", "process.unpatched"),
        ("def start():\n    other.spawn()\n", "proven"),
    ],
)  # fmt: skip
def test_green_threads_are_known_by_what_starts_them(
    build: Build, helper: str, outcome_: str
) -> None:
    main = "def main():\n    start.start()\n    work.work()"
    answer = build(two(main, helper)).patched("time", "app/work.py", "work")
    assert outcome(answer) == outcome_


LOOPS = """\
from oslo_service import loopingcall
def start():
    loopingcall.FixedIntervalLoopingCall(f)
"""
RUNS = "def main():\n    start.start()\n    work.work()\n"
TAKES = "from oslo_service import backend\n"
CHOOSES = "backend.init_backend(backend.BackendType.THREADING)\n"
NATIVE = TAKES + CHOOSES


@pytest.mark.parametrize(
    "main",
    [
        f"{NATIVE}{RUNS}",
        "import oslo_service.backend as service\n"
        f"service.init_backend(type_=service.BackendType.THREADING)\n{RUNS}",
        "from oslo_service.backend import BackendType as T, init_backend\n"
        + RUNS.replace("start.start()", "init_backend(T.THREADING)\n    start.start()"),
        f"from app import native\n{RUNS}",
    ],
)
def test_loops_are_native_where_the_process_chooses_it(build: Build, main: str) -> None:
    files = two(main, LOOPS) | {"app/native.py": NATIVE}
    assert build(files).patched("time", "app/work.py", "work").proven


@pytest.mark.parametrize(
    ("main", "helper"),
    [
        (f"{NATIVE.replace('THREADING', 'EVENTLET')}# not THREADING\n{RUNS}", LOOPS),
        (f"{TAKES}if X:\n    {CHOOSES}{RUNS}", LOOPS),
        (f"{TAKES}try:\n    {CHOOSES}except Exception:\n    pass\n{RUNS}", LOOPS),
        (f"{TAKES}def never():\n    {CHOOSES}{RUNS}", LOOPS),
        (f"{TAKES}{RUNS}    return 1\n    {CHOOSES}", LOOPS),
        (f"{TAKES}{RUNS.replace('    ', '    if X: return ', 1)}    {CHOOSES}", LOOPS),
        (f"from app import backend\n{CHOOSES}{RUNS}", LOOPS),
        (f"{TAKES}def main():\n    {CHOOSES}{RUNS}", LOOPS),
        (f"{TAKES}@other\ndef main():\n    {CHOOSES}    start.start()\n"
         "    work.work()\n", LOOPS),
        (f"def late():\n    from app import native\n{RUNS}", LOOPS),
        (f"{NATIVE}{RUNS}", STARTS),
        (f"{NATIVE}{RUNS}",
         "from oslo_service import wsgi\ndef start():\n    wsgi.Server(f)\n"),
        (f"{NATIVE}{RUNS}",
         "import futurist\ndef start():\n    futurist.GreenThreadPoolExecutor()\n"),
    ],
)  # fmt: skip
def test_loops_are_green_where_it_may_not(build: Build, main: str, helper: str) -> None:
    files = two(main, helper) | {"app/native.py": NATIVE, "app/backend.py": ""}
    answer = build(files).patched("time", "app/work.py", "work")
    assert outcome(answer) == "process.unpatched"


def test_a_shim_passes_a_starter_on(build: Build) -> None:
    files = two("def main():\n    start.go(1)\n    work.work()") | {
        "app/start.py": "from eventlet import spawn as go\n"
    }
    answer = build(files).patched("time", "app/work.py", "work")
    assert outcome(answer) == "process.unpatched"


def test_module_level_code_runs_wherever_it_is_imported(build: Build) -> None:
    main = "def main():\n    start.start()"
    processes = build(two(main) | {"app/work.py": SITE + "eventlet.sleep(0)\n"})
    answer = processes.patched("time", "app/work.py", None)
    assert outcome(answer) == "process.unpatched"
    assert processes.patched("time", "app/work.py", "work").proven


def test_a_main_block_runs_only_in_the_script_itself(build: Build) -> None:
    block = "if __name__ == '__main__':\n    work()\n"
    files = two("def main():\n    start.start()")
    processes = build(files | {"app/work.py": SITE + "\n" + block})
    assert processes.patched("time", "app/work.py", "work").proven


def test_factories_of_paste_are_reached_where_they_are_loaded(build: Build) -> None:
    main = "def factory():\n    start.start()\n    work.work()\ndef main():\n    pass"
    plain = build(two(main)).patched("time", "app/work.py", "work")
    paste = two(main) | {"etc/api.ini": "[app:a]\npaste.app_factory = app.tool:factory"}
    assert plain.proven
    assert outcome(build(paste).patched("time", "app/work.py", "work")) == (
        "process.unpatched"
    )


@pytest.mark.parametrize(
    ("group", "expected"),
    [("app.drivers.disk", "process.unpatched"), ("other.drivers", "proven")],
)
def test_a_plugin_is_reached_where_its_group_is_named(
    build: Build, group: str, expected: str
) -> None:
    main = "def main():\n    start.start()\n    load('app.drivers.' + 'disk')"
    files = two(main)
    files["setup.cfg"] += f"{group} =\n    work = app.work:work\n"
    answer = build(files).patched("time", "app/work.py", "work")
    assert outcome(answer) == expected


@pytest.mark.parametrize(
    "named", ["app.backend", "app.backend:dead", "app.backend.dead"]
)
def test_a_module_that_is_loaded_by_name_keeps_its_decorated_functions(
    build: Build, named: str
) -> None:
    definition = f"{WRAPPING}\n@wrapping\ndef dead():\n    work.work()\n"
    files = two("import app.backend\ndef main():\n    start.start()")
    files["app/backend.py"] = f"from app import work\n{definition}"
    assert build(files).patched("time", "app/work.py", "work").proven
    files["app/api.py"] = f"IMPL = load({{'sql': '{named}'}})\n"
    assert not build(files).patched("time", "app/work.py", "work").proven


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("APP = {'root': 'app.root.Root', 'modules': ['app']}", "process.unpatched"),
        ('make_app(root="app.root:Root")', "process.unpatched"),
        ("create(binary, manager='app.root.Root')", "process.unpatched"),
        ("importutils.import_object(\n    'app.root.Root')", "process.unpatched"),
        ("conf.import_opt('x', 'app.root.Root')", "process.unpatched"),
        ("OPT = StrOpt('root_class', default='app.root.Root')", "proven"),
        ("APP = {'root': 'app.root.Other'}", "proven"),
        ("APP = {'root': 'app.other.Root'}", "proven"),
        ("APP = {'root': 'the app.root.Root'}", "proven"),
    ],
)
def test_what_a_process_loads_by_name_is_followed(
    build: Build, line: str, expected: str
) -> None:
    files = two("")
    main = "def main():\n    start.start()\n    serve(APP)\n"
    files["app/tool.py"] = f"from app import start\n{line}\n{main}"
    files["app/root.py"] = (
        "from app import work\n\nclass Root:\n    def get(self):\n        work.work()\n"
    )
    answer = build(files).patched("time", "app/work.py", "work")
    assert outcome(answer) == expected


def test_an_import_is_not_where_a_group_of_plugins_is_named(build: Build) -> None:
    main = "from app.drivers import disk\ndef main():\n    start.start()"
    files = two(main) | {"app/drivers/disk.py": ""}
    files["setup.cfg"] += "app.drivers.disk =\n    work = app.work:work\n"
    assert build(files).patched("time", "app/work.py", "work").proven


@pytest.mark.parametrize(
    ("definition", "expected"), [("work", "proven"), ("unused", "process.unpatched")]
)
def test_what_nothing_is_seen_to_use_is_not_proven_by_silence(
    build: Build, definition: str, expected: str
) -> None:
    files = two("import eventlet\neventlet.monkey_patch(socket=True)\n"
                "def main():\n    start.start()")  # fmt: skip
    files["app/work.py"] += SITE.replace("work", "unused")
    answer = build(files).patched("time", "app/work.py", definition)
    assert outcome(answer) == expected


# -- loaded by name, libraries -------------------------------------------------------


def test_a_plugin_is_proven_if_every_patched_process_patches_enough(
    build: Build,
) -> None:
    files = service(PATCH) | {"app/plugin.py": SITE}
    answer = build(files).patched("time", "app/plugin.py", "work")
    assert answer.proven
    assert "loads this by name" in answer.clause


def test_a_plugin_is_not_proven_if_one_process_patches_less(build: Build) -> None:
    files = service(PATCH) | {
        "setup.cfg": commands("app.cmd:main", "app.less:main"),
        "app/less.py": PATCH.replace("()", "(socket=True)") + "def main(): pass\n",
        "app/plugin.py": SITE,
    }
    assert build(files).patched("time", "app/plugin.py", "work") == Patched(
        False,
        "it is loaded by name, and c1 patches something, but not time",
        "process.unpatched",
    )


def test_a_tool_that_patches_does_not_vouch_for_the_library(build: Build) -> None:
    files = {"lib/work.py": SITE, "tools/simulate.py": PATCH + SITE}
    processes = build(files)
    assert processes.patched("time", "tools/simulate.py", "work").proven
    assert outcome(processes.patched("time", "lib/work.py", "work")) == (
        "process-patched"
    )


def test_only_the_user_knows_about_a_library_that_patches_nothing(
    build: Build,
) -> None:
    processes = build({"lib/work.py": SITE, "lib/tests/test_a.py": SITE})
    for path in ("lib/work.py", "lib/tests/test_a.py"):
        assert outcome(processes.patched("time", path, "work")) == "process-patched"


@pytest.mark.parametrize(("extra", "proven"), [("", True), (STARTS, False)])
def test_a_script_that_starts_nothing_needs_no_patching(
    build: Build, extra: str, proven: bool
) -> None:
    main = "if __name__ == '__main__':\n    work()\n"
    call = main.replace("work()", "start(); work()") if extra else main
    files = {"tools/wait.py": SITE + extra + call} | service(PATCH)
    answer = build(files).patched("time", "tools/wait.py", "work")
    assert answer.proven is proven


# -- tests ---------------------------------------------------------------------------

BASE = """
import unittest
from app import wrap

class BaseTest(unittest.TestCase):
    def setUp(self):
        super().setUp()
        wrap.patch({argument})
"""
TEST = """
import eventlet
from app.tests.base import BaseTest

class {name}({base}):
    def test_it(self):
        eventlet.spawn(print)
        eventlet.sleep(0)
"""


@pytest.mark.parametrize(
    ("argument", "base", "expected"),
    [
        ("'fake://'", "BaseTest", "proven"),
        ("'real://'", "BaseTest", "process.unpatched"),
        ("'fake://'", "object", "process.unpatched"),
    ],
)
def test_the_set_up_of_a_base_class_patches_for_its_tests(
    build: Build, argument: str, base: str, expected: str
) -> None:
    files = service(PATCH) | {
        "app/wrap.py": WRAPPER,
        "app/tests/base.py": BASE.format(argument=argument),
        "app/tests/test_it.py": TEST.format(name="TestIt", base=base),
    }
    answer = build(files).patched("time", "app/tests/test_it.py", "TestIt")
    assert outcome(answer) == expected


def test_every_test_class_of_a_file_needs_the_hook(build: Build) -> None:
    second = "\nclass Other:\n    def test_other(self):\n        pass\n"
    files = service(PATCH) | {
        "app/wrap.py": WRAPPER,
        "app/tests/base.py": BASE.format(argument="'fake://'"),
        "app/tests/test_it.py": TEST.format(name="T", base="BaseTest") + second,
    }
    answer = build(files).patched("time", "app/tests/test_it.py", "T")
    assert outcome(answer) == "process.unpatched"


@pytest.mark.parametrize(
    ("path", "text", "proven"),
    [
        ("app/tests/__init__.py", PATCH, True),
        ("app/tests/other/__init__.py", PATCH, False),
        ("app/tests/conftest.py", PATCH, True),
        ("app/conftest.py", PATCH, True),
        ("other/conftest.py", PATCH, False),
        (
            "app/tests/conftest.py",
            "import eventlet, pytest\n@pytest.fixture(autouse=True)\n"
            "def green():\n    eventlet.monkey_patch()\n",
            True,
        ),
        (
            "app/tests/conftest.py",
            "import eventlet, pytest\n@pytest.fixture\n"
            "def green():\n    eventlet.monkey_patch()\n",
            False,
        ),
        (
            "app/tests/conftest.py",
            "import eventlet, pytest\n@pytest.fixture(autouse=False)\n"
            "def green():\n    eventlet.monkey_patch()\n",
            False,
        ),
    ],
)
def test_packages_and_conftest_patch_for_the_tests_below(
    build: Build, path: str, text: str, proven: bool
) -> None:
    test = TEST.replace("from app.tests.base import BaseTest", "")
    files = service(PATCH) | {
        path: text,
        "app/tests/test_it.py": test.format(name="T", base="object"),
    }
    assert build(files).patched("time", "app/tests/test_it.py", "T").proven is proven


@pytest.mark.parametrize(("second", "proven"), [(PATCH, True), ("", False)])
def test_a_helper_runs_in_the_tests_that_import_it(
    build: Build, second: str, proven: bool
) -> None:
    imports = "from app.tests import helper\n"
    test = "def test_it():\n    helper.work()\n"
    files = service(PATCH) | {
        "app/tests/helper.py": SITE + STARTS,
        "app/tests/test_a.py": PATCH + imports + test,
        "app/tests/test_b.py": second + imports + test,
    }
    answer = build(files).patched("time", "app/tests/helper.py", "work")
    assert answer.proven is proven


@pytest.mark.parametrize(
    ("more", "second", "proven"),
    [
        ("from app.tests import helper\n", PATCH, True),
        ("from app.tests import helper\n", "", False),
        (f"{PATCH}from app.tests import helper\n", "", True),
    ],
)
def test_a_helper_of_a_helper_runs_in_the_tests_of_that(
    build: Build, more: str, second: str, proven: bool
) -> None:
    imports = "from app.tests import more\n"
    test = "def test_it():\n    more.helper.start()\n"
    files = service(PATCH) | {
        "app/tests/helper.py": SITE + STARTS,
        "app/tests/more.py": more,
        "app/tests/test_a.py": PATCH + imports + test,
        "app/tests/test_b.py": second + imports + test,
    }
    answer = build(files).patched("time", "app/tests/helper.py", "work")
    assert answer.proven is proven


def test_helpers_that_load_each_other_prove_nothing(build: Build) -> None:
    files = service(PATCH) | {
        "app/tests/helper.py": "from app.tests import more\n" + SITE + STARTS,
        "app/tests/more.py": "from app.tests import helper\n",
        "app/tests/test_a.py": f"{PATCH}from app.tests import helper\n"
        "def test_it():\n    helper.start()\n",
    }
    answer = build(files).patched("time", "app/tests/helper.py", "work")
    assert not answer.proven


_RUNS = "def test_it():\n    eventlet.spawn(helper.work)\n"
_HELPER = "from app.tests import helper\n"
_EARLY = "app/tests/test_it.py may run app/tests/helper.py:2 before time is patched"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"app/tests/test_it.py": f"{PATCH}{_HELPER}{_RUNS}"}, ""),
        ({"app/tests/test_it.py": f"{_HELPER}{PATCH}{_RUNS}"}, _EARLY),
        (
            {
                "app/tests/more.py": _HELPER,
                "app/tests/test_it.py": f"from app.tests import more\n{PATCH}{_RUNS}",
            },
            _EARLY,
        ),
        (
            {
                "app/tests/more.py": f"{PATCH}{_HELPER}",
                "app/tests/test_it.py": f"from app.tests import more\n{PATCH}{_RUNS}",
            },
            "",
        ),
        (
            {
                "app/tests/conftest.py": PATCH,
                "app/tests/test_it.py": f"{_HELPER}{PATCH}{_RUNS}",
            },
            "",
        ),
        (
            {
                "app/tests/__init__.py": PATCH,
                "app/tests/test_it.py": f"{_HELPER}{PATCH}{_RUNS}",
            },
            "",
        ),
    ],
)
def test_a_helper_may_be_loaded_before_its_tests_patch(
    build: Build, files: dict[str, str], why: str
) -> None:
    """What it takes by name then stays what it was."""
    processes = build({"app/tests/helper.py": EARLY} | files)
    assert processes.early("time", "app/tests/helper.py", 2) == why
    before = processes.patched_before("time", "app/tests/helper.py", 2)
    assert before.proven is not bool(why)


CALLER = "from app.work import work\ndef test_it():\n    work()\n"


def test_quiet_tests_do_not_weaken_what_production_proves(build: Build) -> None:
    processes = build(service(PATCH) | {"app/tests/test_work.py": CALLER})
    assert processes.patched("time", "app/work.py", "work").proven


SERVER = (
    "class Server:\n    def __init__(self):\n        self.x = 1\n"
    "    def check(self):\n        return self.x\n"
    "    def stop(self):\n        self.go()\n"
    "    def go(self):\n        eventlet.spawn(print)\n"
)
RUNS_BOTH = CALLER.replace("import work", "import start, work") + "    start()\n"


@pytest.mark.parametrize(
    ("work", "test"),
    [
        ("", CALLER + STARTS),
        (STARTS, RUNS_BOTH),
        (STARTS + "def begin():\n    start()\n", RUNS_BOTH.replace("start", "begin")),
        ("eventlet.spawn(print)\n", CALLER),
        (STARTS, CALLER + "import app.tests.helper\n"),
        (STARTS, CALLER + "import app.user\n"),
        (SERVER, CALLER + "    Server().go()\n"),
        (SERVER, CALLER + "    Server().stop()\n"),
        (SERVER.replace("Server:", "Server(Base):"), CALLER + "    Server()\n"),
    ],
)
def test_an_unpatched_test_with_green_threads_does(
    build: Build, work: str, test: str
) -> None:
    uses = "from app.work import start\ndef begin():\n    start()\n"
    users = {"app/tests/helper.py": uses, "app/user.py": uses}
    files = service(PATCH) | {"app/tests/test_work.py": test}
    files |= {p: text for p, text in users.items() if p[4:-3].replace("/", ".") in test}
    processes = build(files | {"app/work.py": files["app/work.py"] + work})
    answer = processes.patched("time", "app/work.py", "work")
    assert outcome(answer) == "process.unpatched"
    assert answer.clause.endswith("runs it, starts green threads, and patches no time")
    assert not processes.patched("time", "app/tests/test_work.py", "test_it").proven


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (b"eventlet.sleep (1)\n", True),
        (b"greenthread.sleep()\n", True),
        (b"from eventlet import spawn, sleep\n", True),
        (b"from eventlet.greenthread import (\n    spawn,\n    sleep)\n", True),
        (b"mock.patch('eventlet.sleep')\n", False),
        (b"from eventlet import spawn\ntime.sleep(1)\n", False),
        (b"from eventlet import (spawn)\nsleep = 1\n", False),
        (b"from eventlet import sleeper\n", False),
    ],
)
def test_a_file_waits_that_sleeps_green(text: bytes, answer: bool) -> None:
    assert waits(text) is answer


@pytest.mark.parametrize("wait", ["eventlet.sleep(0)", "greenthread.sleep(1)"])
def test_so_does_one_that_waits_for_them_with_a_helper_that_runs_it(
    build: Build, wait: str
) -> None:
    runs = "from app.tests import helper\n\n\ndef test_it():\n    helper.test_it()\n"
    files = service(PATCH) | {
        "app/tests/helper.py": CALLER,
        "app/tests/test_work.py": f"{runs}    {wait}\n",
    }
    answer = build(files).patched("time", "app/work.py", "work")
    assert outcome(answer) == "process.unpatched"
    assert answer.clause.startswith("app/tests/test_work.py runs it")
    alone = build(files | {"app/tests/test_work.py": runs})
    assert alone.patched("time", "app/work.py", "work").proven


@pytest.mark.parametrize(
    "test",
    [
        CALLER,
        CALLER + "    restart()\n",
        CALLER + "    Server().check()\n",
        CALLER
        + "@mock.patch('app.work.start')\ndef test_other(start_mock):\n    pass\n",
    ],
)
def test_what_a_test_does_not_run_starts_nothing_there(build: Build, test: str) -> None:
    files = service(PATCH) | {"app/tests/test_work.py": test}
    work = files["app/work.py"] + STARTS + SERVER
    processes = build(files | {"app/work.py": work})
    assert processes.patched("time", "app/work.py", "work").proven


@pytest.mark.parametrize(
    ("decorator", "runner", "test", "expected"),
    [
        ("@specs.parameter('n')", "", STARTS, "process.unpatched"),
        ("@specs.parameter('n')", STARTS, "", "process.unpatched"),
        ("@specs.parameter('n')", "", "", "proven"),
        ("@specs.parameter('n')", "", PATCH + STARTS, "proven"),
        ("@contextmanager", "", STARTS, "proven"),
        (f"{WRAPPING}@wrapping", "", STARTS, "proven"),
        ("", "", STARTS, "proven"),
    ],
)
def test_what_a_decorator_hands_on_runs_in_the_tests_that_load_it(
    build: Build, decorator: str, runner: str, test: str, expected: str
) -> None:
    site = SITE.replace("def work", f"{decorator}\ndef work")
    runs = "from app import runner\ndef test_it():\n    runner.run('work(0)')\n"
    files = service(PATCH) | {
        "app/work.py": site,
        "app/runner.py": "from app import work\n" + runner,
        "app/tests/test_it.py": test + runs,
    }
    answer = build(files).patched("time", "app/work.py", "work")
    assert outcome(answer) == expected
    hands = "a decorator hands it on, and app/tests/test_it.py loads it, "
    assert answer.clause.startswith(hands) is not answer.proven


def test_a_script_that_others_import_is_not_judged_by_itself(build: Build) -> None:
    script = SITE + "if __name__ == '__main__':\n    work()\n"
    alone = build({"app/work.py": script})
    assert alone.patched("time", "app/work.py", "work").proven
    user = "from app import work\n"
    shared = build({"app/work.py": script, "app/user.py": user})
    assert not shared.patched("time", "app/work.py", "work").proven


def test_a_file_called_like_a_test_without_tests_is_production(build: Build) -> None:
    files = service(PATCH) | {"app/test_resource.py": SITE + STARTS}
    assert build(files).patched("time", "app/test_resource.py", "work").proven


# -- always the same ------------------------------------------------------------------


def test_the_answer_does_not_depend_on_what_was_asked_before(build: Build) -> None:
    main = "def main():\n    start.start()\n    work.work()"
    files = two(main)
    sites = [("app/work.py", "work"), ("app/start.py", "start"), ("app/cmd.py", "main")]
    first, second = build(files), build(files)
    forwards = [first.patched("time", *site) for site in sites]
    backwards = [second.patched("time", *site) for site in reversed(sites)]
    assert forwards == backwards[::-1]


# -- what a file is called ---------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"product/setup.cfg": ""}, "app.work"),
        ({"product/setup.cfg": "", "product/setup.py": ""}, "app.work"),
        ({}, "product.app.work"),
        ({"product/setup.cfg": "", "product/main.py": ""}, "product.app.work"),
    ],
)
def test_a_folder_that_only_holds_a_project_is_no_package(
    build: Build, more: dict[str, str], name: str
) -> None:
    files = {"product/__init__.py": "", "product/app/work.py": SITE, **more}
    assert build(files).project.names["product/app/work.py"] == name


# -- what a process that ends at once proves -------------------------------------


def test_a_script_that_only_raises_is_no_process_that_patches(build: Build) -> None:
    processes = build(
        {
            "setup.cfg": commands("app.lock:main"),
            "app/lock.py": '"""With monkey_patch() it is green."""\n\n\ndef main():\n'
            "    pass\n\n\nif __name__ == '__main__':\n"
            "    raise NotImplementedError\n",
            "app/run.py": SITE,
            "app/tests/__init__.py": PATCH,
        }
    )
    assert outcome(processes.patched("time", "app/run.py", "work")) == "process-patched"


def test_a_command_does_not_run_what_is_for_the_script(build: Build) -> None:
    processes = build(
        {
            "setup.cfg": commands("app.cmd:main"),
            "app/cmd.py": "import eventlet\nfrom app.work import work\n\n\n"
            "def main():\n    eventlet.spawn(print)\n    work()\n\n\n"
            "if __name__ == '__main__':\n    eventlet.monkey_patch()\n    main()\n",
            "app/work.py": SITE,
        }
    )
    answer = processes.patched("time", "app/work.py", "work")
    assert outcome(answer) == "process.unpatched"


def test_a_call_that_no_process_is_seen_to_come_to_is_named(build: Build) -> None:
    """nameko's commands are found as the subclasses of one, and each patches itself."""
    processes = build(
        {
            "setup.cfg": commands("app.cmd:main"),
            "app/cmd.py": "def main():\n    pass\n",
            "app/commands.py": "class Run:\n    @staticmethod\n    def main():\n"
            "        import eventlet\n        eventlet.monkey_patch()\n",
            "app/work.py": SITE,
        }
    )
    answer = processes.patched("time", "app/work.py", "work")
    assert outcome(answer) == "process-patched"
    assert answer.clause == (
        "app/commands.py:5 calls monkey_patch, "
        "and no process of this repository is known to come there"
    )


# What comes first ------------------------------------------------------------------

EARLY = "import eventlet\nfrom eventlet import sleep\n\ndef work():\n    sleep(1)\n"
LOADS = "import eventlet\nfrom app import work\n"
START = "def main():\n    eventlet.spawn(work.work)\n"
UNKNOWN_ORDER = "c0 may run app/work.py:2 before time is patched"


@pytest.mark.parametrize(
    ("files", "line", "why"),
    [
        ({"app/cmd.py": f"{PATCH}{LOADS}{START}"}, 2, ""),
        ({"app/cmd.py": f"{LOADS}eventlet.monkey_patch()\n{START}"}, 2, UNKNOWN_ORDER),
        (
            {
                "app/cmd.py": f"from app import patch\n{LOADS}{START}",
                "app/patch.py": PATCH,
            },
            2,
            "",
        ),
        (
            {
                "app/cmd.py": f"{LOADS}from app import patch\n{START}",
                "app/patch.py": PATCH,
            },
            2,
            UNKNOWN_ORDER,
        ),
        (
            {
                "app/cmd.py": f"from app import every\n{LOADS}{START}",
                "app/every.py": "from app import work\nfrom app import patch\n",
                "app/patch.py": PATCH,
            },
            2,
            UNKNOWN_ORDER,
        ),
        (
            {
                "app/cmd.py": f"from app import every\n{LOADS}{START}",
                "app/every.py": "from app import patch\nfrom app import work\n",
                "app/patch.py": PATCH,
            },
            2,
            "",
        ),
        ({"app/__init__.py": PATCH, "app/cmd.py": f"{LOADS}{START}"}, 2, ""),
        (
            {
                "app/__init__.py": f"from app import work\n{PATCH}",
                "app/cmd.py": f"{LOADS}{START}",
            },
            2,
            UNKNOWN_ORDER,
        ),
        (
            {
                "app/cmd.py": "import eventlet\n\ndef main():\n"
                "    eventlet.monkey_patch()\n    from app import work\n"
                "    eventlet.spawn(work.work)\n"
            },
            2,
            "",
        ),
        (
            {
                "app/cmd.py": f"{LOADS}\ndef main():\n    eventlet.monkey_patch()\n"
                "    eventlet.spawn(work.work)\n"
            },
            2,
            UNKNOWN_ORDER,
        ),
        (
            {
                "app/cmd.py": f"{LOADS}{START}",
                "app/work.py": f"{PATCH}from eventlet import sleep\n",
            },
            3,
            "",
        ),
        (
            {
                "app/cmd.py": f"{LOADS}{START}",
                "app/work.py": "from eventlet import sleep\nimport eventlet\n"
                "eventlet.monkey_patch()\n",
            },
            1,
            UNKNOWN_ORDER.replace(":2", ":1"),
        ),
    ],
)
def test_what_a_file_takes_may_come_before_the_patch(
    build: Build, files: dict[str, str], line: int, why: str
) -> None:
    known = {"setup.cfg": commands("app.cmd:main"), "app/work.py": EARLY}
    assert build(known | files).early("time", "app/work.py", line) == why


def test_a_process_that_patches_nothing_is_another_question(build: Build) -> None:
    files = {
        "setup.cfg": commands("app.cmd:main", "app.tool:main"),
        "app/work.py": EARLY,
        "app/cmd.py": f"{PATCH}{LOADS}{START}",
        "app/tool.py": "from app import work\ndef main():\n    pass\n",
    }
    assert build(files).early("time", "app/work.py", 2) == ""


def test_a_file_that_nobody_loads_decides_by_itself(build: Build) -> None:
    late = {"app/work.py": f"from eventlet import sleep\n{PATCH}"}
    assert build(late).early("time", "app/work.py", 1) != ""
    assert build(late).early("time", "app/work.py", 9) == ""
    assert build({"app/work.py": EARLY}).early("time", "app/work.py", 2) == ""


# Imports that may not run -----------------------------------------------------------

_IMPORT = "from app import patch"
CONDITIONS = [
    (f"import sys\nif '--green' in sys.argv:\n    {_IMPORT}", False),
    (f"import sys\nif '--green' in sys.argv: {_IMPORT}", False),
    (f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {_IMPORT}", False),
    (f"import sys\nif sys.argv:\n    pass\nelif sys.path:\n    {_IMPORT}", False),
    (f"import sys\nif sys.argv:\n    pass\nelse:\n    {_IMPORT}", False),
    (f"for each in ():\n    {_IMPORT}", False),
    (f"while False:\n    {_IMPORT}", False),
    (f"try:\n    import nothing\nexcept ImportError:\n    {_IMPORT}", False),
    (f"import sys\nif sys.argv:\n\n    # text\n    try:\n        {_IMPORT}\n"
     "    finally:\n        pass", False),
    (f"try:\n    def later():\n        {_IMPORT}\nfinally:\n    pass", False),
    (f"try:\n    async def later():\n        {_IMPORT}\nfinally:\n    pass", False),
    (f"class Later:\n    def later(self):\n        {_IMPORT}", False),
    (f"class Kept:\n    {_IMPORT}", True),
    (f"import sys\nmatch sys.argv:\n    case []:\n        {_IMPORT}", False),
    (f"import sys\nif sys.argv:\n    import os\n{_IMPORT}", True),
    (f"try:\n    {_IMPORT}\nexcept ImportError:\n    pass", True),
    (f"try:\n    pass\nexcept OSError:\n    pass\nelse:\n    {_IMPORT}", True),
    (f"try:\n    pass\nfinally:\n    {_IMPORT}", True),
    (f"with open('x') as file:\n    {_IMPORT}", True),
    (f"import os\nif not os.environ.get('NATIVE'):\n    {_IMPORT}", True),
    (f"import os\nif os.getenv('NATIVE'):\n    pass\nelse:\n    {_IMPORT}", True),
    (f"import os\nNATIVE = os.environ.get('NATIVE')\nif not NATIVE:\n    {_IMPORT}",
     True),
    (f"import os\nKIND = os.getenv('KIND', 'x')\nif KIND == 'x':\n    {_IMPORT}", True),
    (f"from os import environ\nif 'NATIVE' not in environ:\n    {_IMPORT}", True),
    (f"import os\nNATIVE = os.getenv('NATIVE')\nif not NATIVELY:\n    {_IMPORT}",
     False),
    (f"import os\nNATIVE = os.getenv('N')\nOTHER = 1\nif OTHER:\n    {_IMPORT}", False),
    (f"import os\nenvironment = 1\nif environment:\n    {_IMPORT}", False),
    (f"import os\nNATIVE = os.getenv('N')\nfor NATIVE in ():\n    {_IMPORT}", False),
    (f"import os\nif sys.argv:\n    pass\nelif os.getenv('N'):\n    {_IMPORT}", False),
    (f"import os\nif os.getenv('M'):\n    pass\nelif os.getenv('N'):\n    {_IMPORT}",
     True),
]  # fmt: skip


@pytest.mark.parametrize(("start", "runs"), CONDITIONS)
def test_a_process_patches_with_an_import_that_surely_runs(
    build: Build, start: str, runs: bool
) -> None:
    files = service(start) | {"app/patch.py": PATCH}
    answer = build(files).patched("time", "app/work.py", "work")
    assert outcome(answer) == ("proven" if runs else "process.unpatched")


@pytest.mark.parametrize(
    ("names", "first"), [("patch, work", True), ("work, patch", False)]
)
def test_what_one_statement_imports_is_loaded_in_its_order(
    build: Build, names: str, first: bool
) -> None:
    files = {
        "setup.cfg": commands("app.cmd:main"),
        "app/work.py": EARLY,
        "app/cmd.py": f"from app import {names}\n{START}",
        "app/patch.py": PATCH,
    }
    assert (build(files).early("time", "app/work.py", 2) == "") is first


@pytest.mark.parametrize(("start", "runs"), CONDITIONS)
def test_only_an_import_that_surely_runs_is_first(
    build: Build, start: str, runs: bool
) -> None:
    """The process patches later in any case; the file is loaded in between."""
    files = {
        "setup.cfg": commands("app.cmd:main"),
        "app/work.py": EARLY,
        "app/cmd.py": f"{start}\n{LOADS}eventlet.monkey_patch()\n{START}",
        "app/patch.py": PATCH,
    }
    why = "" if runs else UNKNOWN_ORDER
    assert build(files).early("time", "app/work.py", 2) == why


def test_what_a_condition_may_load_may_come_first(build: Build) -> None:
    files = {
        "setup.cfg": commands("app.cmd:main"),
        "app/work.py": EARLY,
        "app/cmd.py": f"import sys\nif sys.argv:\n    from app import work\n"
        f"{PATCH}{LOADS}{START}",
    }
    assert build(files).early("time", "app/work.py", 2) == UNKNOWN_ORDER


def test_what_a_class_body_loads_may_come_first(build: Build) -> None:
    files = {
        "setup.cfg": commands("app.cmd:main"),
        "app/work.py": EARLY,
        "app/cmd.py": f"class Late:\n    from app import work\n{PATCH}{LOADS}{START}",
    }
    assert build(files).early("time", "app/work.py", 2) == UNKNOWN_ORDER


def test_what_a_class_body_of_another_file_loads_may_come_first(build: Build) -> None:
    files = {
        "setup.cfg": commands("app.cmd:main"),
        "app/work.py": EARLY,
        "app/mid.py": "class Late:\n    kept = 1\n\n    from app import work\n",
        "app/cmd.py": f"from app import mid\n{PATCH}{LOADS}{START}",
    }
    assert build(files).early("time", "app/work.py", 2) == UNKNOWN_ORDER


@pytest.mark.parametrize(
    ("loaded", "expected"),
    [
        ("import os\n", "proven"),
        ("from eventlet import spawn\n", "proven"),
        ("from app import taking\n", "process.unpatched"),
    ],
)
def test_a_name_of_a_starter_starts_nothing_unless_what_is_loaded_takes_it(
    build: Build, loaded: str, expected: str
) -> None:
    files = {
        "setup.cfg": commands("app.cmd:main"),
        "app/cmd.py": f"{PATCH}from app import early\n\ndef main():\n    early.f()\n",
        "app/given.py": "from eventlet import spawn\n",
        "app/taking.py": "from app.given import spawn\n\nspawn(print)\n",
        "app/early.py": f"{loaded}\n\ndef f():\n    pass\n",
    }
    answer = build(files).patched_on_import("time", "app/early.py")
    assert outcome(answer) == expected, answer.clause


@pytest.mark.parametrize(
    ("part", "first"), [("", False), (PATCH, True), ("from app import work\n", False)]
)
def test_a_part_that_a_package_loads_does_not_bring_the_patch_below(
    build: Build, part: str, first: bool
) -> None:
    files = {
        "app/__init__.py": f"from app import part\nfrom time import sleep\n{PATCH}",
        "app/part.py": part,
        "app/work.py": "",
    }
    assert (build(files).early("time", "app/__init__.py", 2) == "") is first


HELPED = "import unittest\nfrom tests import base\n{}\n\nclass T(unittest.TestCase):\n"
HELPED += "    def test_it(self):\n        {}\n"


@pytest.mark.parametrize(
    ("first", "body", "right"),
    [
        ("import eventlet", "pass", True),
        ("import eventlet", "eventlet.spawn(print).wait()", False),
        (PATCH, "eventlet.spawn(print).wait()", True),
        ("import eventlet", "eventlet.spawn(print).wait(); print '2'", False),
        ("import eventlet", "print '2'", True),
    ],
)
def test_a_helper_of_tests_runs_where_those_do_that_load_it(
    build: Build, first: str, body: str, right: bool
) -> None:
    files = {
        "app/work.py": f"{PATCH}",
        "tests/__init__.py": "",
        "tests/base.py": SITE,
        "tests/test_it.py": HELPED.format(first, body),
        "tests/test_other.py": HELPED.format("", "base.work()"),
    }
    answer = build(files).patched("time", "tests/base.py", "work")
    assert outcome(answer) == ("proven" if right else "process.unpatched")


@pytest.mark.parametrize(
    "branch",
    [
        "if 'NO' in os.environ:\n    raise ImportError\n",
        "if sys.argv and os.getenv('NO') != 'yes':\n    raise ImportError\n",
        "if sys.argv and not os.getenv('N'):\n    pass\nelse:\n    raise ImportError\n",
    ],
)
def test_a_branch_that_raises_says_nothing_of_what_is_patched(
    build: Build, branch: str
) -> None:
    start = f"import os\nimport sys\nimport eventlet\n{branch}eventlet.monkey_patch("
    little = build(service(f"{start}socket=True)\n"))
    answer = little.patched("time", "app/work.py", "work")
    assert outcome(answer) == "process.unpatched"
    everything = build(service(f"{start})\n"))
    assert outcome(everything.patched("time", "app/work.py", "work")) == "proven"


def test_a_line_behind_a_branch_that_raises_may_come_before_the_patch(
    build: Build,
) -> None:
    files = {
        "app/__init__.py": "import os, sys\nif sys.argv and os.getenv('NO'):\n"
        f"    raise ImportError\nfrom time import sleep\n{PATCH}",
    }
    assert build(files).early("time", "app/__init__.py", 4)


CLIFF = "from cliff.app import App\n"


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        (f"{CLIFF}GROUP = 'app.tools'\n", "process.unpatched"),
        (f"{CLIFF}GROUP = 'app.%s' % 'tools'\n", "process.unpatched"),
        (f'{CLIFF}GROUP = f"app.{{CLIFF}}"\n', "process.unpatched"),
        (f"{CLIFF}GROUP = 'app.others'\n", "proven"),
        ("GROUP = 'app.tools'\n", "proven"),
    ],
)
def test_a_command_line_runs_what_it_loads_by_the_name_of_a_group(
    build: Build, shell: str, expected: str
) -> None:
    files = service(PATCH)
    files["setup.cfg"] += (
        "    shell = app.shell:main\napp.tools =\n    do = app.do:Do\n"
    )
    files["app/shell.py"] = f"{shell}\n\ndef main():\n    App(GROUP)\n"
    files["app/do.py"] = (
        "import eventlet\nfrom app.work import work\n\n"
        "class Do:\n    def run(self):\n        eventlet.spawn(print)\n        work()\n"
    )
    answer = build(files).patched("time", "app/work.py", "work")
    assert outcome(answer) == expected


# -- what a conftest.py tells the code that it loads ------------------------------

CONFIGURE = "def pytest_configure(config):\n    import sys\n    sys._testing = True\n"
ASKS = 'hasattr(sys, "_testing")'
MODELS = (
    "import sys\nif {condition}:\n    import eventlet\n    eventlet.monkey_patch()\n"
)
LOADS_MODELS = """import eventlet
from app import models

def test_turns():
    eventlet.spawn(print)
    eventlet.sleep(1)
"""


def telling(conftest: str, condition: str) -> dict[str, str]:
    """A test whose project patches where a file says that it is tested."""
    return {
        "conftest.py": conftest,
        "app/models.py": MODELS.format(condition=condition),
        "app/tests/test_it.py": LOADS_MODELS,
    }


@pytest.mark.parametrize(
    ("conftest", "proven"),
    [
        (CONFIGURE, True),
        ("import sys\nsys._testing = True\n", True),
        (CONFIGURE.replace("configure", "sessionstart"), True),
        (CONFIGURE + CONFIGURE.replace("configure", "sessionstart"), False),
        (CONFIGURE.replace("configure", "unconfigure"), False),
        (CONFIGURE.replace("True", "False"), False),
        (CONFIGURE.replace("_testing", "_tested"), False),
        (CONFIGURE.replace("import sys", "if config: return\n    import sys"), False),
        ("import sys\nif sys.argv:\n    sys._testing = True\n", False),
    ],
)
def test_conftest_tells_what_is_loaded(
    build: Build, conftest: str, proven: bool
) -> None:
    processes = build(telling(conftest, ASKS))
    answer = processes.patched("time", "app/tests/test_it.py", "test_turns")
    assert answer.proven is proven
    assert "nothing patches time" in answer.clause or proven


@pytest.mark.parametrize(
    ("condition", "proven"),
    [
        ('"nose" in sys.modules or hasattr(sys, "_testing")', True),
        ('getattr(sys, "_testing", False)', True),
        ('hasattr(sys, "_testing") and sys.argv', False),
        ('not hasattr(sys, "_testing")', False),
        ('hasattr(sys.modules, "_testing")', False),
        ('hasattr(sys, "_tested")', False),
    ],
)
def test_condition_asks_for_what_conftest_tells(
    build: Build, condition: str, proven: bool
) -> None:
    processes = build(telling(CONFIGURE, condition))
    answer = processes.patched("time", "app/tests/test_it.py", "test_turns")
    assert answer.proven is proven


@pytest.mark.parametrize(
    "more",
    [
        {"app/other.py": "import sys\ndel sys._testing\n"},
        {"app/other.py": "import sys\nsys._testing = False\n"},
        {"app/other.py": "import sys\nsetattr(sys, '_testing', False)\n"},
        {"app/other.py": "import sys as s\nif s:\n    s._testing = False\n"},
        {"app/other.py": "import sys\nvars(sys).pop('_testing')\n"},
        {"app/tests/test_two.py": "mock.patch('sys._testing', False).start()\n"},
        {"app/tests/test_two.py": "mock.patch.object(sys, '_testing', 0).start()\n"},
        {"app/tests/conftest.py": CONFIGURE.replace("True", "False")},
        {
            "app/tests/conftest.py": "import sys\ndef pytest_runtest_setup():\n"
            "    del sys._testing\n"
        },
        {"conftest.py": f"import app.models\n{CONFIGURE}"},
        {"app/tests/conftest.py": "import app.models\n"},
        {"conftest.py": "import app.fake as sys\nsys._testing = True\n"},
        {
            "conftest.py": "",
            "app/tests/conftest.py": CONFIGURE,
            "app/test_two.py": "from app import models\ndef test_two(): ...\n",
        },
        {"conftest.py": "", "app/models/tests/conftest.py": CONFIGURE},
    ],
)
def test_what_others_change_or_tell_elsewhere_says_nothing(
    build: Build, more: dict[str, str]
) -> None:
    processes = build({**telling(CONFIGURE, ASKS), **more})
    answer = processes.patched("time", "app/tests/test_it.py", "test_turns")
    assert not answer.proven


def test_name_taken_above_what_patches_in_tests_is_early(build: Build) -> None:
    processes = build(telling(CONFIGURE, ASKS))
    path = "app/tests/test_it.py"
    assert "may run before time" in processes.early("time", path, 1)
    assert processes.early("time", path, 3) == ""
    assert not processes.patched_before("time", path, 1).proven
    assert processes.patched_before("time", path, 3).proven


def test_process_is_told_nothing_by_a_conftest(build: Build) -> None:
    files = {**telling(CONFIGURE, ASKS), **service("from app import models")}
    assert not build(files).patched("time", "app/work.py", "work").proven


@pytest.mark.parametrize(
    ("conftest", "hook", "early"),
    [
        ("", "def setUp(self):\n        eventlet.monkey_patch()", True),
        ("", "def setUp(self):\n        eventlet.monkey_patch(os=True)", False),
        ("", "def tearDown(self):\n        eventlet.monkey_patch()", False),
        ("import eventlet\neventlet.monkey_patch()", "pass", False),
        (
            "import eventlet\ndef pytest_configure():\n    eventlet.monkey_patch()",
            "def setUp(self):\n        eventlet.monkey_patch()",
            False,
        ),
        (
            "import eventlet\nimport pytest\n@pytest.fixture(autouse=True)\n"
            "def patch():\n    eventlet.monkey_patch()",
            "pass",
            True,
        ),
    ],
)
def test_what_a_file_takes_is_early_if_its_tests_patch(
    build: Build, conftest: str, hook: str, early: bool
) -> None:
    test = "import eventlet\n\nclass TestIt:\n    {}\n\n    def test_it(self): ...\n"
    files = {"conftest.py": conftest, "app/tests/test_it.py": test.format(hook)}
    found = build(files).early("time", "app/tests/test_it.py", 1)
    assert ("before time is patched" in found) is early
