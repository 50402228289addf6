"""Calls sleep through self: a function is bound, time.sleep is not."""
# expected: sleep.unknown-callee

import eventlet


class Seconds(float):

    wait = eventlet.sleep

    def wait_twice(self):
        self.wait()
        self.wait()
