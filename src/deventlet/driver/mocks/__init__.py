"""Mocks, and the calls that they intercept: both change, or neither does.

:mod:`mocking` keeps the two together. :mod:`intercepts` says what a mock intercepts and
:mod:`partners` what goes with it besides; :mod:`expected` what its test has against the
change, and :mod:`meeting` who else would meet it, by the :mod:`natives` that names
become. :mod:`calls`, :mod:`questions`, :mod:`results`, :mod:`counting`, :mod:`pinned`
and :mod:`tested` read what a test does with its mock. :mod:`idle` decides about mocks
of what nothing here calls, and :mod:`mocked` tells whether tests put something in the
place of a library's function.
"""
