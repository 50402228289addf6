# Licensed under the Apache License, Version 2.0.

"""What was measured; summaries are computed on a real thread."""

import collections
import statistics
from time import time

import eventlet
from eventlet import patcher
from eventlet import semaphore
from eventlet import tpool

# Taken on tpool's threads, where a green lock would never be released.
threading = patcher.original('threading')
_counting = threading.Lock()
_computed = collections.Counter()


def _mean(name, values):
    with _counting:
        _computed[name] += 1
    return round(statistics.fmean(values), 2)


class History:

    def __init__(self):
        self._rows = collections.defaultdict(list)
        self._lock = semaphore.Semaphore()
        self.started_at = time()

    def add(self, name, value):
        with self._lock:
            self._rows[name].append(value)

    def count(self):
        return sum(len(values) for values in list(self._rows.values()))

    def wait_for(self, count, patience=5):
        """Wait until so many values are there, or there is no hope."""
        give_up = time() + patience
        while self.count() < count and time() < give_up:
            eventlet.sleep(0.005)
        return self.count()

    def summary(self):
        """Pairs of sensor and mean, sorted."""
        return [(name, tpool.execute(_mean, name, list(values)))
                for name, values in sorted(self._rows.items())]
