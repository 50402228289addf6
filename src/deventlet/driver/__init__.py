"""Runs one codemod over a project: find, decide, edit, check.

Data flows one way: files -> uses -> subjects -> verdicts -> edits -> changed files.
:mod:`run` leads one codemod all that way, :mod:`inventory` all of them as far as the
verdicts; :mod:`decide` asks a codemod, and :mod:`context` is what that may ask back.
The packages beside them have one subject each, and the layers in ``pyproject.toml`` say
which may use which. Nothing here writes to the disk, talks to a person or knows a
codemod by name.
"""
