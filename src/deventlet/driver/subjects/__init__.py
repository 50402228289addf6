"""What is decided about as a whole: the sites of Eventlet, and which belong together.

:mod:`find` makes subjects of uses and mocks, :mod:`aliases` of a name with all its
uses, :mod:`objects` of an object with all that is done to it, :mod:`idle_imports` and
:mod:`packages` of imports; :mod:`expectations` finds what tests expect of calls, and
:mod:`findings` holds it all. Nothing is decided here; :mod:`verdicts` holds what others
have decided.
"""
