"""What the processes of a project patch, run and hold, as far as codemods go by it.

:mod:`stages` asks the analysis of processes what comes before stage B, :mod:`remaining`
what is left of green threads there, :mod:`starting` and :mod:`repeated` what a call of
``monkey_patch`` is for. :mod:`threads` and :mod:`sizing` are for people. Nothing is
decided here.
"""
