"""Steps on every thorn that lives in a patched process."""

import eventlet

eventlet.monkey_patch()

from thorns import ambiguous
from thorns import assigned
from thorns import class_attribute
from thorns import computed_name
from thorns import rebound
from thorns import star_args
from thorns import star_import
from thorns import star_kwargs
from thorns import unknown_callee


def main():
    print(assigned.asked_for(lambda: star_args.pause(0.003)))
    rebound.use(print)
    rebound.pause_twice()
    ambiguous.pause()
    class_attribute.Seconds(0.001).wait_twice()
    computed_name.call('sleep', 0.001)
    star_args.pause()
    star_import.pause()
    star_kwargs.pause(seconds=0.001)
    unknown_callee.between(lambda item, sleep: sleep(), ['stem', 'leaf'])


if __name__ == '__main__':
    main()
