# Licensed under the Apache License, Version 2.0.

"""Run the controller; with --once, a short scenario over real sockets."""

import argparse
import http.client
import signal
import sys

from greenhouse import clock
from greenhouse import rpc
from greenhouse import sensors
from greenhouse import service


def _sensors():
    return [
        sensors.Sensor('humidity', [26.0, 27.5, 29.0]),
        sensors.Sensor('light', [12.0, 18.0, 33.0]),
        sensors.Sensor('temperature', [21.0, 24.5, 31.0]),
        sensors.ProbeSensor('soil', [sys.executable, '-c', 'print(17.5)']),
    ]


def _page(address, path):
    connection = http.client.HTTPConnection(*address, timeout=5)
    connection.request('GET', path)
    reply = connection.getresponse()
    text = reply.read().decode().strip()
    connection.close()
    return '%s %s' % (reply.status, text)


def _scenario(controller):
    """One round of everything: the same lines each time."""
    yield 'readings: %d' % controller.poll(count=3)
    client = clock.retry(lambda: rpc.Client(controller.rpc.address))
    for method in ('alarms', 'snapshot', 'summary', 'nonsense'):
        yield '%s: %s' % (method, client.call(method))
    plan = {'basil': 2, 'chard': 5, 'dill': 1, 'leek': 3, 'sage': 4}
    yield 'water: %s' % client.call('water', plan=plan)
    yield 'most valves open: %d' % controller.irrigation.most_open
    client.close()
    yield 'page: %s' % _page(controller.status.getsockname(), '/status')
    yield 'page: %s' % _page(controller.status.getsockname(), '/')


def main(argv=None):
    parser = argparse.ArgumentParser(prog='greenhouse-serve')
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--port', type=int, default=0)
    parser.add_argument('--once', action='store_true')
    args = parser.parse_args(argv)
    controller = service.Controller(_sensors())
    controller.listen(args.host, args.port)
    if args.once:
        for line in _scenario(controller):
            print(line)
    else:
        signal.signal(signal.SIGTERM, lambda *_: controller.stop())
        print('listening on %s:%d' % controller.rpc.address, flush=True)
        controller.run()
    controller.stop()
    controller.rpc.stop()
    return 0


if __name__ == '__main__':
    sys.exit(main())
