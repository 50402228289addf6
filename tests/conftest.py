"""Makes the helpers under ``tests`` importable as ``tests.…``; holds no fixture."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

# A shell starts what it runs in the background without Ctrl-C, and what the tests start
# would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
