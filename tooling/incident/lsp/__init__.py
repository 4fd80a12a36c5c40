"""The language server: diagnostics, hover, completion and quick fixes while one types.

`server` is the only module that knows pygls; the others turn a text and a place in it into answers.
"""
