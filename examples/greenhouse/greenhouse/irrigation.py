# Licensed under the Apache License, Version 2.0.

"""Valves, and the watering of many beds under little pressure."""

import logging

import eventlet
from eventlet import event
from eventlet import semaphore

from greenhouse import clock

LOG = logging.getLogger(__name__)


class Valve:

    def __init__(self, bed, delay=0.005):
        self.bed = bed
        self.delay = delay
        self._opened = event.Event()
        self._closed = event.Event()

    def open(self, litres):
        """Turn the motor, then say how much will flow."""
        eventlet.sleep(seconds=self.delay)
        self._opened.send(litres)

    def wait_open(self):
        return self._opened.wait()

    def close(self):
        self._closed.send()

    def wait_closed(self):
        self._closed.wait()


class Irrigation:

    def __init__(self, stuck_after=5):
        self.stuck_after = stuck_after
        self.most_open = 0
        self._open_now = 0
        self._counting = semaphore.Semaphore()
        self._pressure = semaphore.Semaphore(2)

    def water(self, plan):
        """Water beds, two at a time: pairs of bed and litres, sorted."""
        delivered = []
        pool = eventlet.GreenPool(4)
        for bed, litres in plan.items():
            pool.spawn_n(self._water_bed, bed, litres, delivered)
        pool.waitall()
        return sorted(delivered)

    def _water_bed(self, bed, litres, delivered):
        with self._pressure:
            self._tally(1)
            delivered.append((bed, self._run_valve(Valve(bed), litres)))
            self._tally(-1)

    def _tally(self, change):
        self._counting.acquire()
        try:
            self._open_now += change
            self.most_open = max(self.most_open, self._open_now)
        finally:
            self._counting.release()

    def _run_valve(self, valve, litres):
        guard = eventlet.spawn_after(
            self.stuck_after, LOG.warning, 'valve %s is stuck', valve.bed)
        eventlet.spawn_n(valve.open, litres)
        flowing = valve.wait_open()
        clock.half_tick()
        eventlet.spawn_after(clock.TICK, valve.close)
        valve.wait_closed()
        guard.cancel()
        return flowing
