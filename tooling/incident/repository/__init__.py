"""The repository around the archive: configuration, templates, paths, and every write."""
