"""Sleeps through an alias that is bound again while it runs."""
# expected: name.rebound

from eventlet import sleep as pause


def use(func):
    global pause
    pause = func


def pause_twice():
    pause(0.001)
    pause(0.001)
