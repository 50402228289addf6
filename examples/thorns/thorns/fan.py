"""Knows Eventlet but never sleeps; no thorn itself."""

import eventlet


def describe():
    return 'a fan on Eventlet %s' % eventlet.__version__
