"""Puts something else in the place of Eventlet's own sleep."""
# expected: name.assigned

import eventlet


def asked_for(func):
    seconds = []
    original = eventlet.sleep
    eventlet.sleep = seconds.append
    try:
        func()
    finally:
        eventlet.sleep = original
    return seconds
