"""The repository around the archive: configuration, templates, paths, and all writes."""
