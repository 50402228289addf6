"""Looks sleep up by a name that is only known when it runs."""
# expected: name.computed

import eventlet


def call(name, seconds):
    getattr(eventlet, name)(seconds)
