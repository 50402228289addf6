# Licensed under the Apache License, Version 2.0.

"""Sensors: something with a name that can be read."""

import itertools

import eventlet
from eventlet.green import subprocess

try:
    from eventlet import sleep
except ImportError:
    # The calibration bench reads sensors without Eventlet.
    from time import sleep


class Sensor:
    """A sensor on the bus, which answers after a moment."""

    def __init__(self, name, values, latency=0.002):
        self.name = name
        self.latency = latency
        self._values = itertools.cycle(values)

    def read(self):
        sleep(self.latency)
        return next(self._values)


class ProbeSensor:
    """A sensor that is read by running a program."""

    def __init__(self, name, command):
        self.name = name
        self.command = command

    def read(self):
        probe = subprocess.Popen(self.command, stdout=subprocess.PIPE)
        output, _ = probe.communicate()
        return float(output)


def snapshot(sensors):
    """Read all sensors at once: pairs of name and value, sorted."""
    pool = eventlet.GreenPool(8)
    ordered = sorted(sensors, key=lambda sensor: sensor.name)
    values = list(pool.imap(lambda sensor: sensor.read(), ordered))
    return list(zip([sensor.name for sensor in ordered], values))
