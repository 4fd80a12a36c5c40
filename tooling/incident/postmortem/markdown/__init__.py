"""Code, comments, links, headings and their anchors: the only answer to what is what.

The wiki is the reference: Python-Markdown with the extensions in mkdocs.yml. `source` finds what is
certain from the text alone, in linear time; it never treats text as code that a reader sees as
prose. `rendering` uses Python-Markdown itself, which takes a tenth of a second to load, so it is
used only for places that `source.doubtful` names. `links` finds the links.
"""
