# Licensed under the Apache License, Version 2.0.

"""Pollers put readings into a queue; a collector files them."""

import eventlet
from eventlet import greenthread
from eventlet import queue

from greenhouse import clock


class Poller:

    def __init__(self, sensor, readings, interval=0.005):
        self.sensor = sensor
        self.readings = readings
        self.interval = interval
        self.stopped = False

    def settle(self):
        """Give the sensor two intervals to warm up."""
        time = self.interval * 2
        eventlet.sleep(time)

    def run(self, count=None):
        """Poll for ever, or so many times; how often it was."""
        self.settle()
        turns = 0
        started = clock.now()
        while not self.stopped and turns != count:
            self.readings.put((self.sensor.name, self.sensor.read()))
            turns += 1
            clock.sleep_until(started + turns * self.interval)
        return turns


class Collector:

    def __init__(self, history, limit, patience=0.05):
        self.history = history
        self.limit = limit
        self.patience = patience
        self.readings = queue.Queue()
        self.alarms = queue.LightQueue()
        self.stopped = False

    def put(self, reading):
        self.readings.put(reading)

    def next_reading(self):
        """The next reading, or None if there is none for too long."""
        try:
            with eventlet.Timeout(self.patience):
                return self.readings.get()
        except eventlet.Timeout:
            return None

    def run(self):
        while not self.stopped:
            reading = self.next_reading()
            if reading is not None:
                self.file(*reading)
            greenthread.sleep(0)

    def file(self, name, value):
        self.history.add(name, value)
        if value > self.limit:
            self.alarms.put('%s: %s' % (name, value))

    def take_alarms(self):
        """The alarms since the last call, sorted."""
        taken = []
        while True:
            try:
                taken.append(self.alarms.get_nowait())
            except queue.Empty:
                return sorted(taken)
