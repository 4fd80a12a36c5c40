"""One run of the linter over files: cached, on several cores, and the archive as a whole."""
