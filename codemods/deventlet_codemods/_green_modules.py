"""What the modules of ``eventlet.green`` are natively: data, compared name by name.

Holds facts about eventlet 0.41 and the standard library of 3.11 to 3.13; decides
nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Green:
    """One module of ``eventlet.green``.

    :param native: the module that takes its place; empty if none can.
    :param patched: the modules that must be monkey-patched for what waits.
    :param waits: public names that are other objects than the native ones and may
        give other green threads their turn; None for all but constants.
    :param lacks: names that the native module does not have, or does not load.
    :param unpatched: names that differ and that ``monkey_patch`` never replaces.
    :param why: why nothing takes its place.
    """

    native: str = ""
    patched: tuple[str, ...] = ()
    waits: frozenset[str] | None = frozenset()
    lacks: frozenset[str] = frozenset()
    unpatched: frozenset[str] = frozenset()
    why: str = ""

    def may_wait(self, name: str) -> bool:
        """Whether a name is another object than the native one, in what matters."""
        if self.waits is None:
            return _CONSTANT.match(name) is None
        return name in self.waits


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SOCKET = Green(
    "socket",
    ("socket",),
    _names(
        "create_connection fromfd getaddrinfo gethostbyname gethostbyname_ex"
        " getnameinfo socket socketpair"
    ),
    _names("eventlet greenio slurp_properties"),
)
_HTTP_CLIENT = Green(
    "http.client",
    ("socket",),
    None,
    _names(
        "Iterable MAXAMOUNT _create_https_context _populate_https_context client name"
        " os patcher to_patch"
    ),
)
_HTTP_SERVER = Green(
    "http.server",
    ("socket", "select"),
    None,
    _names(
        "BaseHTTPServer SimpleHTTPServer SocketServer argparse http_client patcher"
        " subprocess"
    ),
)
_SELECT = Green(
    "select", ("select",), _names("select"), _names("eventlet get_fileno get_hub")
)
_NOT_ON_3 = "importing it fails on every Python that this tool supports"

_MODULES = {
    "socket": _SOCKET,
    "_socket_nodns": _SOCKET,
    "ssl": Green(
        "ssl",
        ("ssl",),
        _names("SSLContext SSLSocket create_default_context"),
        _names(
            "CONNECT_ERR CONNECT_SUCCESS GreenSSLContext GreenSSLSocket GreenSocket"
            " IOClosed PY33 RAND_pseudo_bytes contextmanager get_errno"
            " green_create_default_context greenio hubs match_hostname orig_socket"
            " slurp_properties timeout_exc trampoline wrap_socket"
        ),
    ),
    "subprocess": Green(
        "subprocess",
        ("subprocess",),
        _names("Popen call check_call check_output getoutput getstatusoutput run"),
        _names(
            "FunctionType eventlet greenio mswindows patcher subprocess_orig to_patch"
        ),
    ),
    "threading": Green(
        "threading",
        ("threading",),
        None,
        _names("_GreenThread _fixup_thread eventlet greenlet namedtuple thread time"),
    ),
    "thread": Green(
        "_thread",
        ("_thread",),
        None,
        _names("Lock greenlet greenthread start_joinable_thread sys with_timeout"),
    ),
    "time": Green("time", ("time",), _names("sleep"), _names("slurp_properties")),
    "os": Green(
        "os",
        ("os",),
        _names("fdopen open read wait waitpid write"),
        _names(
            "S_ISREG errno get_errno greenio greenthread hubs os_orig slurp_properties"
            " socket"
        ),
    ),
    "select": _SELECT,
    "selectors": Green("selectors", ("selectors",), None),
    "Queue": Green("queue", ("queue",), None, _names("queue")),
    "SocketServer": Green(
        "socketserver", ("socket", "select"), None, _names("patcher select")
    ),
    "BaseHTTPServer": _HTTP_SERVER,
    "CGIHTTPServer": _HTTP_SERVER,
    "SimpleHTTPServer": _HTTP_SERVER,
    "http.server": _HTTP_SERVER,
    "httplib": _HTTP_CLIENT,
    "http.client": _HTTP_CLIENT,
    "http": Green("http", lacks=_names("client cookiejar cookies server")),
    "http.cookiejar": Green(
        "http.cookiejar", lacks=_names("http_client month vals_sorted_by_key")
    ),
    "urllib": Green(
        "urllib",
        lacks=_names("error ftplib httplib parse patcher request response socket time"),
    ),
    "urllib.parse": Green("urllib.parse"),
    "urllib.error": Green("urllib.error", lacks=_names("response")),
    "urllib.response": Green("urllib.response"),
    "urllib.request": Green(
        "urllib.request", ("socket",), None, _names("http_client patcher")
    ),
    "urllib2": Green(why=_NOT_ON_3),
    "ftplib": Green("ftplib", ("socket",), _names("FTP FTP_TLS ftpcp test")),
    "profile": Green(
        "profile",
        lacks=_names(
            "ContextWrap _thread functools greenthread patcher profile_orig"
            " slurp_properties thread"
        ),
        unpatched=_names("Profile run runctx"),
    ),
    "builtin": Green(
        "builtins",
        ("builtins",),
        _names("open"),
        _names(
            "builtins_orig clear copy fromkeys get hub hubs items keys pop popitem"
            " setdefault slurp_properties sys update values"
        ),
    ),
    "MySQLdb": Green("MySQLdb", ("MySQLdb",), None),
    "OpenSSL": Green("OpenSSL", unpatched=_names("SSL tsafe")),
    "OpenSSL.SSL": Green(
        "OpenSSL.SSL",
        lacks=_names("ConnectionType GreenConnection get_errno orig_SSL trampoline"),
        unpatched=_names("Connection"),
    ),
    "OpenSSL.crypto": Green("OpenSSL.crypto"),
    "OpenSSL.version": Green("OpenSSL.version"),
    "OpenSSL.tsafe": Green(why="pyOpenSSL has lost the module in version 20"),
}
RESOLVER = "eventlet.support.greendns."
"""What the functions of Eventlet's own resolver begin with."""

MODULES = {f"eventlet.green.{name}": green for name, green in _MODULES.items()}
"""Every module of ``eventlet.green`` by its dotted name."""

_FAMILIES = (
    ("httplib", "http.client"),
    ("http", "http.server", "BaseHTTPServer", "CGIHTTPServer", "SimpleHTTPServer"),
    ("http.cookiejar",),
    ("ftplib",),
    ("urllib.parse", "urllib.error", "urllib.response", "urllib.request", "urllib"),
)
"""Modules that Eventlet copies, with classes of their own: what one copy raises, the
other does not catch."""


def family(api: str) -> frozenset[str]:
    """The modules whose classes meet those of a copied module; none for others."""
    name = api.removeprefix("eventlet.green.")
    found = [names for names in _FAMILIES if name in names]
    return frozenset(f"eventlet.green.{each}" for names in found for each in names)
