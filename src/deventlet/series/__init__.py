"""Patches: their order, text, messages and Change-Ids.

Nothing here decides whether a site may be rewritten.
"""
