# Licensed under the Apache License, Version 2.0.

import contextlib
import io
import os
import signal
import subprocess
import sys
import unittest
from unittest import mock

import greenhouse
from greenhouse.cmd import serve
from greenhouse import service


class ServeTest(unittest.TestCase):

    def test_once(self):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            self.assertEqual(0, serve.main(['--once']))
        lines = output.getvalue().splitlines()
        self.assertEqual('readings: 12', lines[0])
        self.assertEqual('page: 404 see /status', lines[-1])

    def test_run_until_stopped(self):
        controller = service.Controller([])
        controller.idle = mock.Mock(side_effect=controller.stop)
        controller.run()
        controller.idle.assert_called_once_with()

    def test_sigterm(self):
        server = subprocess.Popen(
            [sys.executable, '-m', 'greenhouse.cmd.serve'],
            cwd=os.path.dirname(os.path.dirname(greenhouse.__file__)),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.assertIn(b'listening on 127.0.0.1:', server.stdout.readline())
        server.send_signal(signal.SIGTERM)
        rest, _ = server.communicate(timeout=10)
        self.assertEqual((b'', 0), (rest, server.returncode))
