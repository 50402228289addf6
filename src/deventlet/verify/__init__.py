"""Runs the project's own tests after each patch, and finds the sites that break them.

Works in a work tree of its own; the user's files and branches are never touched.
"""
