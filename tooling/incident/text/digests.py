"""Digests of contents, by blake2b. `hashlib` would also load OpenSSL, which takes longer."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # another Python
    from hashlib import blake2b

__all__ = ["blake2b", "digest"]


def digest(raw: bytes) -> str:
    """A content in 32 characters."""
    return blake2b(raw, digest_size=16).hexdigest()
