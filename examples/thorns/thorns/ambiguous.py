"""Sleeps through a name that is one of two things."""
# expected: name.ambiguous

import os

import eventlet

from thorns import dry_run

if os.environ.get('THORNS_DRY_RUN'):
    backend = dry_run
else:
    backend = eventlet


def pause():
    backend.sleep(seconds=0.001)
