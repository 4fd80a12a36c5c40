"""What tells a finding from all others, for services that follow it from run to run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from incident.diagnostic import Diagnostic


def each(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """A hash per finding, never twice; it stays the same when lines above the finding change."""
    seen: Counter[str] = Counter()
    found = []
    for d in diagnostics:
        # several together stay the same finding while some are resolved
        fact = d.several.message if d.several and d.related else d.message
        mark = f"{d.path}\0{d.code}\0{fact}"
        seen[mark] += 1
        found.append(hashlib.sha256(f"{mark}\0{seen[mark]}".encode()).hexdigest()[:32])
    return found
