"""Stands in for Eventlet when nothing is to happen; no thorn itself."""


def sleep(seconds=0):
    print('would sleep for %s s' % seconds)
