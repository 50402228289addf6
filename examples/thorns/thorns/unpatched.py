"""Polls a green thread where time is not patched: it would not run."""
# expected: process.unpatched

import eventlet


def poll():
    found = []
    eventlet.spawn_n(found.append, 'ripe')
    for _ in range(100):
        if found:
            return found[0]
        eventlet.sleep(0.001)
    return 'still green'
