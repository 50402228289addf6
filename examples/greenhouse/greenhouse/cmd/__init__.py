# Licensed under the Apache License, Version 2.0.

"""Commands; Eventlet patches the standard library before all else."""

import eventlet
from eventlet import debug
from eventlet import hubs

hubs.use_hub()
eventlet.monkey_patch()
debug.hub_exceptions(True)
