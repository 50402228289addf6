"""Runs every codemod on checkouts of real projects and checks what it did.

Nothing is written to the checkouts. What deventlet says comes from processes of its
own; what is held against it is found out here, with nothing of deventlet's, so that a
mistake in its resolver or in its own checks is not made twice.

- :mod:`names` says what a name stands for, and :mod:`uses` counts those of Eventlet;
- :mod:`verdicts` gives each of them the verdict of ``deventlet scan``;
- :mod:`tools` runs git and deventlet, and :mod:`steps` says what each patch may change;
- :mod:`pieces`, :mod:`files` and :mod:`style` check changed files, :mod:`whole` the
  series;
- :mod:`tables` prints, and ``__main__`` does one after the other.
"""
