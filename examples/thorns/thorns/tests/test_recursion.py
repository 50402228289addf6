"""Replaces sleep by something that sleeps: with one sleep, for ever."""
# expected: mock.recursion

import unittest
from unittest import mock

from eventlet import greenthread

from thorns import star_args


class RecursionTest(unittest.TestCase):

    def test_others_run(self):
        with mock.patch('eventlet.sleep', side_effect=(
                lambda seconds: greenthread.sleep(0))) as sleep:
            star_args.pause(0.01)
        sleep.assert_called_once_with(0.01)
