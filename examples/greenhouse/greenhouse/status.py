# Licensed under the Apache License, Version 2.0.

"""The status page: a WSGI application and its server."""

import json

from eventlet import wsgi


class StatusPage:

    def __init__(self, describe):
        self.describe = describe

    def __call__(self, environ, start_response):
        if environ['PATH_INFO'] != '/status':
            start_response('404 Not Found', [('Content-Type', 'text/plain')])
            return [b'see /status\n']
        body = json.dumps(self.describe(), sort_keys=True).encode() + b'\n'
        start_response('200 OK', [('Content-Type', 'application/json'),
                                  ('Content-Length', str(len(body)))])
        return [body]


def serve(sock, describe):
    wsgi.server(sock, StatusPage(describe), log_output=False)
