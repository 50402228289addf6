"""Meaning: which name is which Eventlet object, and what is monkey-patched.

Nothing here knows a codemod or the terminal, and nothing here changes a file.
"""
