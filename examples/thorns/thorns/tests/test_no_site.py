"""Mocks the sleep of a module that never sleeps."""
# expected: mock.no-site

import unittest
from unittest import mock

from thorns import fan


class NoSiteTest(unittest.TestCase):

    def test_describe(self):
        with mock.patch('thorns.fan.eventlet.sleep') as sleep:
            self.assertIn('Eventlet', fan.describe())
        sleep.assert_not_called()
