# Licensed under the Apache License, Version 2.0.

"""Waiting: for a while, for a moment, for something that may fail."""

import functools
import time

import eventlet
from eventlet import sleep

TICK = 0.01

# One turn of a valve's motor.
half_tick = functools.partial(eventlet.sleep, TICK / 2)


def now():
    """Seconds on a clock that is never set back."""
    return time.monotonic()


def ticks(count):
    """Wait for a number of ticks."""
    sleep(count * TICK)


def sleep_until(deadline):
    """Wait for a moment of this clock, which may be over already."""
    sleep(deadline - now())


def breathe():
    """Let the others run."""
    import eventlet
    eventlet.sleep()


def retry(func, attempts=3, delay=TICK, sleep_func=eventlet.sleep):
    """Call until there is no OSError, twice as long apart each time."""
    for attempt in range(attempts - 1):
        try:
            return func()
        except OSError:
            sleep_func(delay * 2 ** attempt)
    return func()
