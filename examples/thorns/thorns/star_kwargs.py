"""Sleeps with unpacked keywords, which time.sleep does not take."""
# expected: sleep.star-args

from eventlet import sleep


def pause(**options):
    sleep(**options)
