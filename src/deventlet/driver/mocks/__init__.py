"""Mocks, and the calls that they intercept: both change, or neither does.

:mod:`intercepts` says what a mock intercepts and :mod:`mocking` keeps the two together,
by what :mod:`calls`, :mod:`questions`, :mod:`results`, :mod:`counting`, :mod:`pinned`
and :mod:`tested` read of what a test does with its mock. :mod:`idle` decides about
mocks of what nothing here calls, and :mod:`mocked` tells whether tests put something in
the place of a library's function.
"""
