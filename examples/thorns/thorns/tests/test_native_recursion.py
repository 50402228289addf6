"""Replaces time.sleep by Eventlet's, which must not become time.sleep."""
# expected: mock.recursion

import time
import unittest
from unittest import mock

import eventlet


class NativeRecursionTest(unittest.TestCase):

    @mock.patch('time.sleep', side_effect=lambda x: eventlet.sleep(0))
    def test_others_run(self, sleep):
        time.sleep(0.01)
        sleep.assert_called_once_with(0.01)
