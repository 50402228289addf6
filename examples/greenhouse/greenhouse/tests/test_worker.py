# Licensed under the Apache License, Version 2.0.

import sys
import unittest
from unittest import mock

import eventlet

from greenhouse import history
from greenhouse import sensors
from greenhouse import worker


class PollerTest(unittest.TestCase):

    def test_settle(self):
        poller = worker.Poller(mock.Mock(), mock.Mock(), interval=2)
        with mock.patch.object(worker.eventlet, 'sleep') as sleep:
            poller.settle()
        sleep.assert_called_once_with(4)

    def test_run(self):
        sensor = sensors.Sensor('ph', [6.5, 7.0])
        readings = mock.Mock()
        poller = worker.Poller(sensor, readings, interval=0.001)
        self.assertEqual(3, poller.run(3))
        self.assertEqual(
            [mock.call(('ph', 6.5)), mock.call(('ph', 7.0)),
             mock.call(('ph', 6.5))], readings.put.mock_calls)

    def test_probe(self):
        probe = sensors.ProbeSensor('co2', [sys.executable, '-c', 'print(4)'])
        self.assertEqual([('co2', 4.0)], sensors.snapshot([probe]))


class CollectorTest(unittest.TestCase):

    def setUp(self):
        self.history = history.History()
        self.collector = worker.Collector(self.history, 10, patience=0.01)

    def test_nothing_to_read(self):
        self.assertIsNone(self.collector.next_reading())

    def test_run(self):
        thread = eventlet.spawn(self.collector.run)
        for value in (9, 12, 11):
            self.collector.put(('ph', value))
            eventlet.sleep(0)
        self.assertEqual(3, self.history.wait_for(3))
        self.collector.stopped = True
        thread.wait()
        self.assertEqual(['ph: 11', 'ph: 12'], self.collector.take_alarms())
        self.assertEqual([('ph', 10.67)], self.history.summary())

    @mock.patch('eventlet.sleep')
    def test_wait_for_gives_up(self, sleep):
        self.assertEqual(0, self.history.wait_for(1, patience=0.001))
        sleep.assert_called_with(0.005)
