"""Runs one codemod over a project: find, decide, edit, check.

Data flows one way: files -> uses -> subjects -> verdicts -> edits -> changed files.
Nothing here writes to the disk, talks to a person or knows a codemod by name.
"""
