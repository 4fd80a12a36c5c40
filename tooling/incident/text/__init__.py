"""Untrusted text, regular expressions and bounded readers."""
