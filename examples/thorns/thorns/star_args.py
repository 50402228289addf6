"""Sleeps with an unpacked list, which may be empty."""
# expected: sleep.star-args

import eventlet


def pause(*args):
    eventlet.sleep(*args)
