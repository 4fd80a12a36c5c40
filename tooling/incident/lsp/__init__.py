"""The language server: diagnostics, hover, completion and quick fixes as you type.

`server` and `positions` speak the protocol, by pygls and its types; the others turn a text and a
place in it into answers.
"""
