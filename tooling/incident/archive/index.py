"""The facts of one postmortem that rules about the whole archive use.

Small and plain, so that they are cached with the diagnostics of the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from incident.diagnostic import Span
from incident.text.lazy_regex import lazy

if TYPE_CHECKING:
    from incident.postmortem.document import Document
    from incident.postmortem.model import Postmortem
    from incident.postmortem.suppressions import Suppression

# an id is the name of a file: no longer than that
_ITEM = lazy(r"\b(?P<id>\d{4}-\d{2}-\d{2}-[a-z0-9-]{1,240}+)#(?P<item>[\w-]{1,100})")


class Mention(NamedTuple):
    """A mention of another postmortem, with its span."""

    target: str
    span: Span


class Facts(NamedTuple):
    """Facts of the postmortem at `path`. `checks`: what failed or should have failed.

    `links`: paths of Markdown files that the text links to; `moved`: action items elsewhere that
    its own are said to live on in, as `id#item`; `open_items`: what is not settled, in words;
    `muted`: word, first and last line of each suppression with a reason.
    """

    path: str
    id: str
    id_span: Span
    day: str
    confidentiality: str
    title: str
    cause: str
    recurrence_of: Mention | None
    related: tuple[Mention, ...]
    links: tuple[Mention, ...]
    assets: tuple[str, ...]
    checks: tuple[str, ...]
    items: tuple[str, ...]
    open_items: tuple[str, ...]
    moved: tuple[Mention, ...]
    muted: tuple[tuple[str, int, int], ...]

    def date(self) -> date | None:
        """The day of the incident."""
        return date.fromisoformat(self.day) if self.day else None


def gather(
    document: Document, postmortem: Postmortem, suppressions: Iterable[Suppression] = ()
) -> Facts:
    """The facts of a document."""
    again = postmortem.recurrence_of
    was_incident = not postmortem.closed_as  # a false alarm or duplicate is never a recurrence
    span = document.span(*document.at("recurrence_of"))
    return Facts(
        path=document.path,
        id=postmortem.id,
        id_span=document.span(*document.at("id")),
        day=str(postmortem.date or ""),
        confidentiality=postmortem.confidentiality,
        title=postmortem.title,
        cause=postmortem.cause_category if was_incident else "",
        recurrence_of=Mention(again, span) if again else None,
        related=tuple(_related(document, postmortem)),
        links=tuple(_links(document)),
        assets=tuple(asset.ref for asset in postmortem.assets if was_incident),
        checks=tuple(
            item.verified_by
            for item in postmortem.action_items
            if was_incident and ":test." in item.verified_by
        ),
        items=tuple(item.id for item in postmortem.action_items),
        open_items=tuple(
            f"{item.id} {item.title} ({item.owner or 'no owner'}, due {item.due or 'never'})"
            for item in postmortem.open_items
        ),
        moved=tuple(_moved(document, postmortem)),
        muted=tuple(_muted(document, suppressions)),
    )


def _muted(
    document: Document, suppressions: Iterable[Suppression]
) -> Iterator[tuple[str, int, int]]:
    for item in suppressions:
        if item.holds:
            span = document.span(item.start, max(item.start, item.end - 1))
            for word in item.words:
                yield word, span.line, span.end_line


def _related(document: Document, postmortem: Postmortem) -> Iterator[Mention]:
    for index, other in enumerate(postmortem.related):
        yield Mention(other, document.span(*document.at("related", index)))
    if postmortem.duplicate_of:
        yield Mention(postmortem.duplicate_of, document.span(*document.at("duplicate_of")))


def _links(document: Document) -> Iterator[Mention]:
    if ".md" not in document.text:
        return
    for link in document.links:
        if link.path.endswith(".md") and not link.path.startswith("/"):
            yield Mention(link.path, document.span(link.start, link.end))


def _moved(document: Document, postmortem: Postmortem) -> Iterator[Mention]:
    for item in postmortem.action_items:
        if "#" not in item.reason:
            continue
        start, end = document.at("action_items", item.index, "reason")
        for match in _ITEM().finditer(item.reason):
            yield Mention(match[0], document.span(start, end))


def load(values: list[object]) -> Facts:
    """Facts from their JSON form."""
    raw = Facts(*values)  # type: ignore[arg-type]
    return raw._replace(
        id_span=Span(*raw.id_span),
        recurrence_of=_mention(raw.recurrence_of) if raw.recurrence_of else None,
        related=tuple(map(_mention, raw.related)),
        links=tuple(map(_mention, raw.links)),
        moved=tuple(map(_mention, raw.moved)),
        muted=tuple((word, first, last) for word, first, last in raw.muted),
    )


def _mention(values: tuple[str, tuple[int, int, int, int]]) -> Mention:
    return Mention(values[0], Span(*values[1]))
