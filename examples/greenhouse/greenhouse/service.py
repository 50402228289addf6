# Licensed under the Apache License, Version 2.0.

"""The controller: everything, put together."""

import eventlet

from greenhouse import clock
from greenhouse import history
from greenhouse import irrigation
from greenhouse import rpc
from greenhouse import sensors
from greenhouse import status
from greenhouse import worker


class Controller:

    def __init__(self, parts, limit=30):
        self.sensors = parts
        self.history = history.History()
        self.irrigation = irrigation.Irrigation()
        self.collector = worker.Collector(self.history, limit)
        self.pollers = [worker.Poller(sensor, self.collector)
                        for sensor in parts]
        self.rpc = None
        self.status = None
        self.stopped = False
        # What run() does between two looks; the tests make it shorter.
        self.idle = lambda: eventlet.sleep(0.02)

    def listen(self, host, port):
        """Open both sockets; the status page gets the next free port."""
        self.rpc = rpc.Server(eventlet.listen((host, port)), {
            'alarms': self.collector.take_alarms,
            'snapshot': self.snapshot,
            'summary': self.history.summary,
            'water': self.irrigation.water,
        })
        self.status = eventlet.listen((host, 0))
        eventlet.spawn_n(self.rpc.serve)
        eventlet.spawn_n(status.serve, self.status, self.describe)
        eventlet.spawn_n(self.collector.run)
        clock.breathe()

    def poll(self, count):
        """Poll every sensor so many times; the number of readings."""
        threads = [eventlet.spawn(poller.run, count)
                   for poller in self.pollers]
        polled = sum([thread.wait() for thread in threads])
        return self.history.wait_for(polled)

    def run(self):
        """Poll until stop() is called, by a signal handler for example."""
        for poller in self.pollers:
            eventlet.spawn_n(poller.run)
        while not self.stopped:
            self.idle()
        clock.ticks(2)

    def stop(self):
        self.stopped = True
        self.collector.stopped = True
        for poller in self.pollers:
            poller.stopped = True

    def snapshot(self):
        return sensors.snapshot(self.sensors)

    def describe(self):
        return {'readings': self.history.count(),
                'sensors': sorted(sensor.name for sensor in self.sensors)}
