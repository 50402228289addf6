"""Passes sleep to a callee that nobody knows; it may give no argument."""
# expected: sleep.unknown-callee

import eventlet


def between(visit, items):
    for item in items:
        visit(item, eventlet.sleep)
