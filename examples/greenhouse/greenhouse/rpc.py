# Licensed under the Apache License, Version 2.0.

"""Remote calls: one JSON object per line, over a socket."""

import json

import eventlet
from eventlet.green import socket


class Server:
    """Answers ``{"method": ..., "args": {...}}``."""

    def __init__(self, sock, methods):
        self.sock = sock
        self.address = sock.getsockname()
        self.methods = methods
        self.sessions = {}

    def serve(self):
        """Accept connections until the socket is shut down."""
        while True:
            try:
                conn, peer = self.sock.accept()
            except OSError:
                break
            eventlet.spawn_n(self._talk, conn, peer)
        self.sock.close()

    def stop(self):
        self.sock.shutdown(socket.SHUT_RDWR)

    def _talk(self, conn, peer):
        self.sessions[eventlet.getcurrent()] = peer
        try:
            with conn, conn.makefile('rw', encoding='utf-8') as stream:
                for line in stream:
                    stream.write(json.dumps(self.answer(line)) + '\n')
                    stream.flush()
        finally:
            del self.sessions[eventlet.getcurrent()]

    def answer(self, line):
        """The reply to one line, which may be anything."""
        try:
            call = json.loads(line)
            method = self.methods[call['method']]
            return {'result': method(**call.get('args', {}))}
        except (KeyError, TypeError, ValueError) as error:
            return {'error': type(error).__name__}


class Client:

    def __init__(self, address):
        self.sock = socket.create_connection(address)
        self.stream = self.sock.makefile('rw', encoding='utf-8')

    def call(self, method, **args):
        self.stream.write(json.dumps({'method': method, 'args': args}) + '\n')
        self.stream.flush()
        return json.loads(self.stream.readline())

    def close(self):
        self.stream.close()
        self.sock.close()
