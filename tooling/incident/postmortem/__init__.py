"""One postmortem: its text, its frontmatter, its values."""
