"""What a project says of itself, beside its code: what it needs, runs on and keeps.

:mod:`requirements` and :mod:`python2` read its packaging, :mod:`profile` the files that
choose how it starts, :mod:`styles` how it writes imports, and :mod:`keep` the comments
that ask deventlet to keep off. No verdict is given here.
"""
