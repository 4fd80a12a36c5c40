"""Names of Markdown files."""

from __future__ import annotations

SUFFIX = ".md"
SUFFIXES = (SUFFIX, ".markdown", ".mdown", ".mkdn", ".mkd", ".mdwn", ".mdx")


def is_markdown(name: str) -> bool:
    """Whether a name has one of the usual endings, in any case."""
    return name.lower().endswith(SUFFIXES)


def is_postmortem(name: str) -> bool:
    """Whether a file of the archive with this name is meant to be a postmortem."""
    lowered = name.lower()
    return is_markdown(name) and not lowered.startswith((".", "readme."))


def stem(name: str) -> str:
    """A name without its ending, if that is one of Markdown."""
    return name.rpartition(".")[0] if is_markdown(name) else name
