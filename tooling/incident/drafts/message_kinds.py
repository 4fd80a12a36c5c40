"""The kinds of stakeholder message: each is one template, `templates/messages/NAME.j2`.

A template starts with a comment. The first line says what the message is for; then, optionally:

    {# Final notice: what was wrong, why, and what will change.
    needs: impact.summary, timestamps.corrected_at or timestamps.resolved_at
    not after: timestamps.resolved_at
    about: a planned change #}

`needs`: keys that must be set. `not after`: a key that must not be set yet. `about`: what the
message is about, if not an incident.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from incident.errors import IncidentError, UsageError
from incident.repository import resources

FOLDER = "templates/messages"
_HEADER = re.compile(r"\A\{#-?(?P<text>.*?)-?#\}", re.DOTALL)


@dataclass(frozen=True)
class Kind:
    """`needs`: groups of keys, at least one key per group. `not_after`: see above, or ""."""

    name: str
    summary: str
    needs: tuple[tuple[str, ...], ...] = ()
    not_after: str = ""
    is_of_incident: bool = True

    def must_fit(self, path: str, found: Sequence[str]) -> None:
        """Raise UsageError unless the postmortem at `path`, which has the keys `found`, fits."""
        missing = [group[0] for group in self.needs if not {*group} & {*found}]
        if missing:
            raise UsageError(
                f"{path}: `--kind {self.name}` requires {' and '.join(missing)}",
                f"fill {'them' if len(missing) > 1 else 'it'} in, or use another --kind",
            )
        if self.not_after in found:
            raise UsageError(
                f"{path}: too late for `--kind {self.name}`: {self.not_after} is set",
                "use --kind resolved",
            )


def names() -> list[str]:
    """All available kinds."""
    return sorted(path.stem for path in (resources.root() / FOLDER).glob("*.j2"))


def read(name: str) -> Kind:
    """One kind. A repository may override its template, with the same header."""
    path = resources.root() / FOLDER / f"{name}.j2"
    header = _HEADER.match(path.read_text(encoding="utf-8"))
    if header is None:
        raise IncidentError(f"{path} has no header", "start it with {# what the message is for #}")
    return _parse(name, header["text"])


def _parse(name: str, text: str) -> Kind:
    first, *lines = (line.strip() for line in text.strip().splitlines())
    pairs = (line.partition(":") for line in lines)
    given = {key.strip(): value.strip() for key, _, value in pairs}
    groups = [group.split(" or ") for group in given.get("needs", "").split(",") if group.strip()]
    return Kind(
        name,
        first,
        tuple(tuple(key.strip() for key in group) for group in groups),
        given.get("not after", ""),
        "about" not in given,
    )
