"""A burn-down as a text, a Mermaid chart, an SVG or JSON.

Each module writes one format from :class:`deventlet.burndown.Burndown` and reads
nothing else. All give the same bytes for the same data.
"""
