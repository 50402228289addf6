"""Mocks a target that is put together when it runs."""
# expected: mock.computed

import unittest
from unittest import mock

from thorns import star_args


class ComputedTargetTest(unittest.TestCase):

    def test_pause(self):
        with mock.patch(f'{star_args.__name__}.eventlet.sleep') as sleep:
            star_args.pause(0.01)
        sleep.assert_called_once_with(0.01)
