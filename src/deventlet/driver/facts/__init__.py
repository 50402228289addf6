"""What a codemod may ask about the code around a site, one question to a module.

Each reads the source and answers what is certain from it; what is not has no answer, or
the one that is refused. The context passes the questions on. Nothing is decided here.
"""
