"""The names of a file: which one is free for what a rewrite needs, which still serve.

:mod:`naming` chooses names; :mod:`needs`, :mod:`wanted`, :mod:`mentions` and
:mod:`passing` say what an import may be there for although no use of it is left.
Nothing is added or removed here.
"""
