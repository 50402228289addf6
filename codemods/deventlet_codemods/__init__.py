"""The built-in codemods: one page and one module per pattern.

A module is imported only when a site of its names exists.
"""
