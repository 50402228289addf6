# Licensed under the Apache License, Version 2.0.

import unittest
from unittest import mock

import eventlet

from greenhouse import irrigation


class IrrigationTest(unittest.TestCase):

    def test_water(self):
        beds = irrigation.Irrigation()
        self.assertEqual([('a', 1), ('b', 2), ('c', 3)],
                         beds.water({'c': 3, 'a': 1, 'b': 2}))
        self.assertEqual(2, beds.most_open)

    def test_stuck_valve_is_reported(self):
        beds = irrigation.Irrigation(stuck_after=0)
        with self.assertLogs('greenhouse.irrigation', 'WARNING') as logs:
            beds.water({'leek': 1})
        self.assertIn('valve leek is stuck', logs.output[0])

    def test_valve(self):
        valve = irrigation.Valve('basil', delay=30)
        with mock.patch.object(eventlet, 'sleep') as sleep:
            valve.open(7)
        sleep.assert_called_once()
        self.assertEqual(7, valve.wait_open())
