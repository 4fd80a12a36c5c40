"""The wiki without MkDocs: every page as sanitized HTML, in files that any engine can publish.

`contents` makes the pages from the same reports; `formats` has one module for each form of output;
`folder` writes it.
"""
