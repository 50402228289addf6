"""Files: discovery, reading, splicing, imports, wrapping, atomic writing.

Nothing here knows Eventlet, a codemod or the terminal.
"""
