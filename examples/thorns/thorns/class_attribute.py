"""Calls sleep through self: a function is bound, time.sleep is not."""
# expected: name.class-attribute

import eventlet


class Seconds(float):

    wait = eventlet.sleep

    def wait_twice(self):
        self.wait()
        self.wait()
