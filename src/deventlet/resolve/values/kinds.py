"""The kinds of values that Eventlet makes, and what their members give: data.

Read off eventlet 0.41, futurist 3.5 and how OpenStack's projects use them. Nothing
here reads a program.
"""

from __future__ import annotations

from collections.abc import Mapping

CONSTRUCTORS: Mapping[str, str] = {
    "eventlet.GreenPool": "GreenPool",
    "eventlet.GreenPile": "GreenPile",
    "eventlet.spawn": "GreenThread",
    "eventlet.spawn_after": "GreenThread",
    "eventlet.spawn_after_local": "GreenThread",
    "eventlet.greenthread.GreenThread": "GreenThread",
    "eventlet.spawn_n": "greenlet",
    "eventlet.getcurrent": "greenlet",
    "greenlet.greenlet": "greenlet",
    "eventlet.Event": "Event",
    "eventlet.Queue": "Queue",
    "eventlet.queue.LightQueue": "LightQueue",
    "eventlet.queue.LifoQueue": "LifoQueue",
    "eventlet.queue.PriorityQueue": "PriorityQueue",
    "eventlet.Semaphore": "Semaphore",
    "eventlet.BoundedSemaphore": "BoundedSemaphore",
    "eventlet.CappedSemaphore": "CappedSemaphore",
    "eventlet.lock.Lock": "Lock",
    "eventlet.Timeout": "Timeout",
    "eventlet.tpool.Proxy": "tpool.Proxy",
    "eventlet.corolocal.local": "corolocal.local",
    "eventlet.listen": "GreenSocket",
    "eventlet.connect": "GreenSocket",
    "eventlet.wrap_ssl": "GreenSocket",
    "eventlet.greenio.GreenSocket": "GreenSocket",
    "eventlet.greenio.GreenPipe": "GreenPipe",
    "eventlet.pools.Pool": "pools.Pool",
    "eventlet.pools.TokenPool": "pools.Pool",
    "eventlet.wsgi.Server": "wsgi.Server",
    "eventlet.patcher.original": "original",
    "eventlet.import_patched": "import_patched",
    "futurist.GreenThreadPoolExecutor": "GreenThreadPoolExecutor",
    "futurist.GreenFuture": "GreenFuture",
}
"""The kind that a call of each API gives."""

GREEN_CONSTRUCTORS: Mapping[str, Mapping[str, str]] = {
    "eventlet.green.socket": {
        "socket": "GreenSocket",
        "create_connection": "GreenSocket",
        "fromfd": "GreenSocket",
    },
    "eventlet.green.ssl": {
        "wrap_socket": "GreenSocket",
        "SSLSocket": "GreenSocket",
    },
    "eventlet.green.subprocess": {"Popen": "green.subprocess.Popen"},
    "eventlet.green.threading": {
        name: f"green.threading.{name}"
        for name in (
            "Thread", "Timer", "Event", "Lock", "RLock", "Condition", "Semaphore",
            "BoundedSemaphore", "Barrier",
        )
    },
    "eventlet.green.Queue": {
        name: name for name in ("Queue", "LifoQueue", "PriorityQueue")
    },
    "oslo_utils.eventletutils": {"Event": "eventletutils.Event"},
}  # fmt: skip
"""The same for attributes of a module that is one API as a whole."""

PRODUCTS: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("GreenPool", "spawn"): ("GreenThread", ()),
    ("GreenPool", "imap"): ("GreenMap", ()),
    ("GreenPool", "starmap"): ("GreenMap", ()),
    ("GreenSocket", "accept"): ("GreenSocket", ("at:0",)),
    ("GreenSocket", "dup"): ("GreenSocket", ()),
    ("GreenThreadPoolExecutor", "submit"): ("GreenFuture", ()),
}
"""The kind of what a method gives, and how it is wrapped."""

CHANGE_TOGETHER = frozenset({
    ("GreenPool", "spawn"), ("GreenPool", "imap"), ("GreenPool", "starmap"),
    ("GreenPool", "pile"),
})  # fmt: skip
"""The methods whose results are of another kind once the object itself is."""

MEMBERS: Mapping[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "BoundedSemaphore": """
            _do_acquire _waiters acquire balance bounded counter locked
            original_counter release with
        """,
        "CappedSemaphore": """
            acquire balance bounded locked lower_bound release upper_bound with
        """,
        "Event": """
            _do_send _exc _result _waiters has_exception has_result poll
            poll_exception poll_result ready reset send send_exception wait
        """,
        "eventletutils.Event": """
            _event _set clear isSet is_set set wait
        """,
        "green.subprocess.Popen": """
            _communicate args communicate encoding errors kill pid pipesize poll
            returncode send_signal stderr stderr_thread stdin stdout stdout_thread
            terminate text_mode universal_newlines wait with
        """,
        "green.threading.Barrier": """
            abort broken n_waiting parties reset wait
        """,
        "green.threading.BoundedSemaphore": """
            acquire release with
        """,
        "green.threading.Condition": """
            acquire notify notifyAll notify_all release wait wait_for with
        """,
        "green.threading.Event": """
            clear isSet is_set set wait
        """,
        "green.threading.Lock": """
            acquire acquire_lock locked locked_lock release release_lock with
        """,
        "green.threading.RLock": """
            acquire release with
        """,
        "green.threading.Semaphore": """
            acquire release with
        """,
        "green.threading.Thread": """
            daemon getName ident isDaemon is_alive join name native_id run setDaemon
            setName start
        """,
        "green.threading.Timer": """
            args cancel daemon finished function getName ident interval isDaemon
            is_alive join kwargs name native_id run setDaemon setName start
        """,
        "GreenFuture": """
            _condition add_done_callback cancel cancelled done exception result
            running set_exception set_result set_running_or_notify_cancel
        """,
        "greenlet": """
            GreenletExit _stack_saved dead error getcurrent gettrace gr_context
            gr_frame parent run settrace switch throw
        """,
        "GreenMap": """
            _next counter done_spawning iter next pool spawn waiters
        """,
        "GreenPile": """
            _next counter iter next pool spawn waiters
        """,
        "GreenPipe": """
            _abc_impl _blksize _closed _fileno _isatty_open_only _mark_as_closed
            _mode _name _seekable _trampoline buffer close closed detach encoding
            errors fileno flush isatty iter line_buffering mode name newlines next
            peek raw read read1 readable readall readinto readinto1 readline
            readlines reconfigure seek seekable tell truncate with writable write
            write_through writelines
        """,
        "GreenPool": """
            _do_map _spawn_done _spawn_n_impl coroutines_running free imap
            no_coros_running pile resize running sem size spawn spawn_n starmap waitall
            waiting
        """,
        "GreenSocket": """
            _base_recv _call_trampolining _closed _get_io_refs _io_refs
            _mark_as_closed _read_trampoline _recv_loop _send_loop _set_io_refs
            _sock _socket_connect _sslobj _timeout _trampoline _wrap_socket accept
            act_non_blocking bind cipher close compression connect connect_ex
            context detach do_handshake do_handshake_on_connect dup family fd fileno
            get_channel_binding get_inheritable get_unverified_chain
            get_verified_chain getblocking getpeercert getpeername getsockname
            getsockopt gettimeout listen makeGreenFile makefile pending proto read
            recv recv_into recvfrom recvfrom_into recvmsg recvmsg_into
            selected_alpn_protocol selected_npn_protocol send sendall sendfile
            sendmsg sendmsg_afalg sendto server_hostname server_side session
            session_reused set_inheritable setblocking setsockopt settimeout
            shared_ciphers shutdown suppress_ragged_eofs timeout type unwrap
            verify_client_post_handshake version with write
        """,
        "GreenThread": """
            GreenletExit _exit_event _exit_funcs _resolve_links _resolving_links
            _stack_saved cancel dead error getcurrent gettrace gr_context gr_frame
            kill link main parent run settrace switch throw unlink wait
        """,
        "GreenThreadPoolExecutor": """
            _check_and_reject _delayed_work _gatherer _max_workers _pool _shutdown
            _shutdown_lock _spin_up _submit alive map shutdown statistics submit
            threading with
        """,
        "LifoQueue": """
            _cond _event_unlock _format _get _init _put _put_bookkeeping
            _schedule_unlock _unlock empty full get get_nowait getters getting join
            maxsize put put_nowait putters putting qsize queue resize task_done
            unfinished_tasks
        """,
        "LightQueue": """
            _event_unlock _format _get _init _put _schedule_unlock _unlock empty
            full get get_nowait getters getting maxsize put put_nowait putters
            putting qsize queue resize
        """,
        "Lock": """
            _at_fork_reinit _do_acquire _waiters acquire balance bounded counter
            locked release with
        """,
        "pools.Pool": """
            channel create current_size free free_items get item max_size min_size
            order_as_stack put resize waiting
        """,
        "PriorityQueue": """
            _cond _event_unlock _format _get _init _put _put_bookkeeping
            _schedule_unlock _unlock empty full get get_nowait getters getting join
            maxsize put put_nowait putters putting qsize queue resize task_done
            unfinished_tasks
        """,
        "Queue": """
            _cond _event_unlock _format _get _init _put _put_bookkeeping
            _schedule_unlock _unlock empty full get get_nowait getters getting join
            maxsize put put_nowait putters putting qsize queue resize task_done
            unfinished_tasks
        """,
        "Semaphore": """
            _do_acquire _waiters acquire balance bounded counter locked release with
        """,
        "Timeout": """
            add_note args cancel exception is_timeout pending raise seconds start
            timer with with_traceback
        """,
        "wsgi.Server": """
            address address_family allow_reuse_address allow_reuse_port app
            capitalize_response_headers close_request debug environ fileno
            finish_request get_environ get_request handle_error handle_request
            handle_timeout keepalive log log_format log_message log_output
            log_x_forwarded_for max_http_version minimum_chunk_size
            outstanding_requests pid process_request protocol request_queue_size
            serve_forever server_activate server_bind server_close service_actions
            shutdown shutdown_request socket socket_timeout socket_type timeout
            url_length_limit verify_request with
        """,
    }.items()
}
"""What each kind has: attributes and methods, inherited ones included, and those uses
that have no name: ``iter``, ``next``, ``with``, ``getitem``, ``call``, ``raise`` and
``pile`` (a pool is given to a pile).

Read off eventlet 0.41, futurist 3.5, greenlet 3 and CPython 3.11 to 3.13; of the
standard library's own classes without private names. A kind that is not here is open:
its members are those of something else (``tpool.Proxy``, ``original``) or any at all
(``corolocal.local``).
"""

QUESTIONS = frozenset({"bool", "compare", "isinstance", "key", "type"})
"""What a started thread answers like nothing that could take its place: whether it
runs, which one it is, also as a key, and of which class."""

STARTED = frozenset({
    "eventlet.spawn", "eventlet.spawn_n", "eventlet.spawn_after",
    "eventlet.spawn_after_local", "eventlet.GreenPool.spawn",
})  # fmt: skip
"""The APIs that start a thread, whose object is asked such questions."""

ITSELF_ON_ENTER = frozenset({
    "Timeout", "GreenSocket", "GreenThreadPoolExecutor", "GreenPipe",
    "green.subprocess.Popen",
})  # fmt: skip
"""Kinds whose ``__enter__`` gives the object itself."""

CAUGHT = frozenset({"Timeout"})
"""Kinds that are raised in the block they open: a handler around it is for them."""

NEUTRAL_METHODS = frozenset({"discard", "remove", "index", "count", "__contains__"})
"""Methods of a container that look for an argument and keep nothing."""

POOLED = frozenset({"GreenPool", "GreenPile", "GreenMap", "GreenThread"})
"""Pools and what they give, of which a task may have one."""

ENDED_BY = {"eventlet.kill": "kill", "eventlet.greenthread.cancel": "cancel"}
"""Functions that do to their first argument what its method does."""

FORWARDERS: Mapping[str, int] = {
    "eventlet.spawn": 0,
    "eventlet.spawn_n": 0,
    "eventlet.spawn_after": 1,
    "eventlet.spawn_after_local": 1,
    "eventlet.call_after_global": 1,
    "eventlet.call_after_local": 1,
    "eventlet.with_timeout": 1,
    "eventlet.tpool.execute": 0,
    "functools.partial": 0,
    "weakref.finalize": 1,
}
"""Functions that call an argument with those after it; its position."""

FORWARDING_METHODS: Mapping[str, int] = {
    "spawn": 0, "spawn_n": 0, "submit": 0, "spawn_after": 1, "addCleanup": 0,
    "add_thread": 0, "link": 0, "add_timer": 1, "call_soon": 0, "starmap": 0,
    "call_later": 1, "spawn_worker": 0, "defer": 0,
}  # fmt: skip
"""Methods with that contract, on a receiver that is not the repository's."""

TRYING: Mapping[str, int] = {
    "assertRaises": 1, "assertRaisesRegex": 2, "assertRaisesRegexp": 2,
    "assertRaisesMessage": 2, "assertNumQueries": 1, "expectFailure": 1,
    "assertWarns": 1, "assertWarnsRegex": 2, "failUnlessRaises": 1, "raises": 1,
}  # fmt: skip
"""Assertions that call an argument with those after it; its position."""

GIVEN_FIRST: Mapping[str, int] = {"link": 1}
"""How many arguments such a method gives before those that it is given: a thread."""

THREADS: Mapping[str, str] = {
    "threading.Thread": "target",
    "threading.Timer": "function",
    "multiprocessing.Process": "target",
}
"""Classes that call one keyword with a tuple given as ``args``."""

ADDERS: Mapping[str, int] = {
    "append": 0, "appendleft": 0, "add": 0, "insert": 1, "put": 0, "put_nowait": 0,
    "setdefault": 1, "push": 0,
}  # fmt: skip
"""Methods that put an argument into a container; its position."""

SAME = frozenset({"copy.copy", "weakref.ref"})
"""Functions of a container whose result holds what it holds."""

LISTS = frozenset({
    "list", "tuple", "set", "frozenset", "sorted", "reversed", "iter",
    "collections.deque", "weakref.WeakSet", "itertools.chain", "itertools.cycle",
})  # fmt: skip
"""Functions of a container whose result holds what a loop over it gives."""

DICTS = frozenset({
    "dict", "collections.OrderedDict", "weakref.WeakValueDictionary",
    "weakref.WeakKeyDictionary",
})  # fmt: skip
"""Functions of a dict, or of pairs, that give a dict."""

CONSUMERS = (
    SAME | LISTS | DICTS
    | {"sum", "any", "all", "max", "min", "enumerate", "zip", "map"}
)  # fmt: skip
"""Functions that iterate over their arguments."""

ONE_OF = frozenset({"next", "min", "max", "random.choice", "heapq.heappop"})
"""Functions of a container that give one of what it holds."""

GIVERS = frozenset({
    "pop", "popleft", "get", "get_nowait", "setdefault", "popitem", "__getitem__",
    "next", "result",
})  # fmt: skip
"""Methods of a container that give one of what it holds."""

SAME_METHODS = frozenset({"copy", "__iter__", "union", "difference"})
"""Methods of a container whose result holds what it holds."""

NEUTRAL = frozenset({
    "isinstance", "issubclass", "len", "bool", "id", "str", "repr", "print", "hash",
    "type", "callable", "hasattr", "format", "any", "all", "sum", "gc.collect",
    "getattr", "setattr", "delattr", "vars", "dir",
    "greenlet.greenlet.throw", "inspect.isclass", "pprint.pprint", "super",
    "unittest.mock.call", "mock.call", "select.select", "random.shuffle",
    "eventlet.green.select.select",
})  # fmt: skip
"""Functions that keep nothing of their arguments and call no method by choice.

``getattr`` and ``setattr`` are looked at before this list is.
"""

TAKING_CLASSES = frozenset({
    "typing.cast", "typing.TypeVar", "typing.NewType", "contextlib.suppress",
})  # fmt: skip
"""Functions that make no object of a class they are given."""

OF_OTHERS = frozenset({
    "threading.Thread", "threading.Timer", "multiprocessing.Process",
    "subprocess.Popen", "mock.patch", "mock.patch.object", "mock.patch.dict",
    "mock.patch.multiple", "unittest.mock.patch", "unittest.mock.patch.object",
    "unittest.mock.patch.dict", "unittest.mock.patch.multiple",
})  # fmt: skip
"""What gives an object of a class of its own, with attributes of its own."""

MOCKS = frozenset({
    f"{module}.{name}"
    for module in ("mock", "unittest.mock")
    for name in ("Mock", "MagicMock", "NonCallableMock", "NonCallableMagicMock")
})  # fmt: skip
"""What gives a mock, whose attributes are mocks."""

STOOD_FOR = frozenset({"Semaphore", "BoundedSemaphore", "Lock"})
"""Kinds of which one may be the spec of a mock: what takes their place has all that is
kept of them under the same names, so that the mock has it, too."""

TAKERS: Mapping[str, str] = {
    "eventlet.wsgi.server": "which changes with the server",
    "eventlet.wsgi.Server": "which changes with the server",
    "eventlet.serve": "which changes with the server",
    "eventlet.wrap_ssl": "which changes with the socket",
    "eventlet.greenio.shutdown_safe": "which changes with the socket",
}
"""Eventlet's own functions that keep or end an object: they change along with it."""

COMMON = frozenset(
    """
    acquire add append args call cancel clear client close code conf connect conn
    connection content context count data delete error event events execute func get
    handler host id index info init is_set items join key keys kill link list lock
    locked manager method mode msg name notify open path pool pools port process put
    queue read ready release request reset response result results run save send
    server service session set size sleep sock socket spawn spawn_n start state status
    stop submit task tasks thread threads timeout timer type update url value values
    wait workers write
""".split()
)
"""Names that so many classes have that having one says nothing about the class."""
