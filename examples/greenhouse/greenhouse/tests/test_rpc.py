# Licensed under the Apache License, Version 2.0.

import unittest

import eventlet

from greenhouse import rpc


class RpcTest(unittest.TestCase):

    def setUp(self):
        sock = eventlet.listen(('127.0.0.1', 0))
        self.server = rpc.Server(sock, {'add': lambda a, b: a + b})
        self.serving = eventlet.spawn(self.server.serve)
        self.client = rpc.Client(self.server.address)

    def tearDown(self):
        self.client.close()
        self.server.stop()
        self.serving.wait()

    def test_call(self):
        self.assertEqual({'result': 3}, self.client.call('add', a=1, b=2))
        self.assertEqual(1, len(self.server.sessions))

    def test_two_clients(self):
        other = rpc.Client(self.server.address)
        self.assertEqual({'result': 5}, other.call('add', a=2, b=3))
        self.assertEqual({'result': 1}, self.client.call('add', a=0, b=1))
        self.assertEqual(2, len(set(self.server.sessions.values())))
        other.close()

    def test_errors(self):
        self.assertEqual({'error': 'KeyError'}, self.client.call('mow'))
        self.assertEqual({'error': 'TypeError'}, self.client.call('add'))
        self.assertEqual({'error': 'JSONDecodeError'},
                         self.server.answer('{'))
