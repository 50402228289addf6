"""What is decided about as a whole: the sites of Eventlet, and which belong together.

:mod:`find` makes a subject of each use or name, :mod:`objects` of an object with all
that is done to it, :mod:`idle_imports` and :mod:`packages` of imports, and
:mod:`expectations` finds what tests expect of calls. Nothing is decided here.
"""
