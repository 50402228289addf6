"""The text around a site, taken apart and put together again without a loss.

:mod:`statements` hold a site, :mod:`printing` leads to LibCST and back, :mod:`heads`
are those of definitions, :mod:`emptied` is what a deletion would leave empty, and
:mod:`placeholders` stand for names until one is free for each. Nothing here knows
Eventlet, decides or edits.
"""
