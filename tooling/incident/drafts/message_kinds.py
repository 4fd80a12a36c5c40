"""The kinds of stakeholder message: each is one template, `templates/messages/NAME.j2`.

A template begins with a comment. Its first line says what the message is for; then, if wanted:

    {# The end: what was wrong, why, and what changes.
    needs: impact.summary, timestamps.corrected_at or timestamps.resolved_at
    not once: timestamps.resolved_at
    about: a planned change #}

`needs`: keys without which it is not written. `not once`: a key with which it is not written any
more. `about`: an incident, unless it says otherwise.
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
    """`needs`: keys, of each group at least one. `not_once`: a key that ends its time, or ""."""

    name: str
    summary: str
    needs: tuple[tuple[str, ...], ...] = ()
    not_once: str = ""
    is_of_incident: bool = True

    def must_fit(self, path: str, found: Sequence[str]) -> None:
        """Raise UsageError unless a postmortem at `path`, with the keys `found`, is that far."""
        missing = [group[0] for group in self.needs if not {*group} & {*found}]
        if missing:
            verb = "are" if len(missing) > 1 else "is"
            raise UsageError(
                f"{path}: {' and '.join(missing)} {verb} missing for a message of kind {self.name}",
                "fill it in, or send another --kind",
            )
        if self.not_once in found:
            raise UsageError(
                f"{path}: {self.not_once} is set: a message of kind {self.name} comes too late",
                "send --kind resolved",
            )


def names() -> list[str]:
    """The kinds there are."""
    return sorted(path.stem for path in (resources.root() / FOLDER).glob("*.j2"))


def read(name: str) -> Kind:
    """One kind. A repository may have a template of its own for it, with the same header."""
    path = resources.root() / FOLDER / f"{name}.j2"
    header = _HEADER.match(path.read_text(encoding="utf-8"))
    if header is None:
        raise IncidentError(f"{path} has no header", "begin it with {# what the message is for #}")
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
        given.get("not once", ""),
        "about" not in given,
    )
