"""What is code, a comment, a link or a heading, and what its anchor is: asked here, and only here.

The wiki is the reference: Python-Markdown with the extensions in mkdocs.yml. `source` reads what
is certain from the text alone, quickly and in linear time; it never calls code what a reader sees
as prose. `rendering` asks Python-Markdown itself, which takes a tenth of a second to load, so it
is asked only about places that `source.doubtful` names. `links` finds the links.
"""
