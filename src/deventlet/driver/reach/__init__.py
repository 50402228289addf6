"""What code may come to while it runs, judged by names: where a test's mocks hold.

:mod:`holding` says where that is, :mod:`running` goes from there to the functions that
may run, :mod:`named` and :mod:`leading` from a function back to what names it,
:mod:`module_values` to whoever has its module as a value. A function too many, never
one too few; nothing is decided here.
"""
