"""Postmortems as code, for data teams."""

__version__ = "0.1.0"
