"""Takes every name of Eventlet, so nobody knows where sleep is from."""
# expected: name.star-import

from eventlet import *  # noqa: F403,H303


def pause():
    sleep(0.001)  # noqa: F405
