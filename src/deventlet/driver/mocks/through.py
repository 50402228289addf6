"""What meets a mock of one of Eventlet's functions by way of Eventlet itself.

A pool starts its tasks with ``eventlet.spawn_n``, as an attribute of the package: a
test that mocks that name decides what the pool does, and no executor asks for it. Reads
names only; decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from deventlet.codemod import Site, Subject

_SPAWN, _SPAWN_N = "eventlet.spawn", "eventlet.spawn_n"
_CALLS = {
    "eventlet.GreenPile.spawn": (_SPAWN,),
    "eventlet.GreenPool.imap": (_SPAWN, _SPAWN_N),
    "eventlet.GreenPool.spawn": (_SPAWN,),
    "eventlet.GreenPool.spawn_n": (_SPAWN_N,),
    "eventlet.GreenPool.starmap": (_SPAWN, _SPAWN_N),
}
"""The functions that a method of Eventlet's looks up when it is called."""


def _method(name: str) -> re.Pattern[bytes]:
    """A call of a method, or of what goes through all of a pool's."""
    return re.compile(
        rb"(?<!\beventlet)(?<!\bgreenthread)(?<!\bitertools)"
        rb"\.(?:%b|imap|starmap)\(" % name.rpartition(".")[2].encode()
    )


POOLED: Mapping[str, re.Pattern[bytes]] = {
    each: _method(each) for each in (_SPAWN, _SPAWN_N)
}
"""How a call of a pool's looks that comes to a function."""
POOLS = (b"GreenPile", b"GreenPool")
"""What a file says that has a pool."""


def called_by(subject: Subject) -> Iterator[tuple[Site, str]]:
    """The sites of a subject that call a function of Eventlet's so, and which."""
    for site in subject.sites:
        for name in _CALLS.get(site.api, ()):
            yield site, name
