"""What a project says of itself, beside its code: what it needs, runs on and keeps.

Reads its lists of requirements, its classifiers, the files that choose how it starts
and the comments that ask deventlet to keep off. No verdict is given here.
"""
