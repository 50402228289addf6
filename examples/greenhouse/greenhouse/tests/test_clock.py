# Licensed under the Apache License, Version 2.0.

import unittest
from unittest import mock

import eventlet

from greenhouse import clock


class ClockTest(unittest.TestCase):

    @mock.patch('greenhouse.clock.sleep')
    def test_ticks(self, sleep):
        clock.ticks(3)
        sleep.assert_called_once_with(3 * clock.TICK)

    def test_sleep_until_waits(self):
        deadline = clock.now() + 0.02
        clock.sleep_until(deadline)
        self.assertGreaterEqual(clock.now(), deadline)

    def test_sleep_until_is_late(self):
        late = clock.now() - 60
        self.assertIsNone(clock.sleep_until(late))

    @mock.patch('eventlet.sleep')
    def test_breathe(self, sleep):
        clock.breathe()
        sleep.assert_called_once()

    def test_half_tick(self):
        started = clock.now()
        clock.half_tick()
        self.assertGreaterEqual(clock.now() - started, clock.TICK / 2)

    def test_retry(self):
        func = mock.Mock(side_effect=[OSError, OSError, 'connected'])
        sleep = mock.Mock()
        result = clock.retry(func, delay=1, sleep_func=sleep)
        self.assertEqual('connected', result)
        self.assertEqual([mock.call(1), mock.call(2)], sleep.mock_calls)

    def test_retry_gives_up(self):
        func = mock.Mock(side_effect=OSError)
        self.assertRaises(OSError, clock.retry, func, attempts=2,
                          sleep_func=eventlet.sleep)
        self.assertEqual(2, func.call_count)
