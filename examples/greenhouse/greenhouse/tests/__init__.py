# Licensed under the Apache License, Version 2.0.

import eventlet

eventlet.monkey_patch()
