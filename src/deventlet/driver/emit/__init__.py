"""From verdicts to new file contents, one module for each step on the way.

:mod:`asking` notes what the actions ask for in a :mod:`draft` of each file,
:mod:`moving` points the mocks at what is new, :mod:`leaving`, :mod:`keeping` and
:mod:`proofs` settle the imports and what stands below them, :mod:`spelling` writes the
text, :mod:`tidy` looks at what is left around it, and :mod:`emitter` leads through it.
"""
