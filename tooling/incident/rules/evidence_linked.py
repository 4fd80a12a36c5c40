"""The figures of the impact, and the root cause, have evidence.

"3,870 payments had no status": where does that come from? A year later, nobody can check a figure
that has no query, dashboard or log behind it, and a cause without a pull request or a log is an
opinion. List them under `evidence`, link them from the sentence, or put the query into Supporting
evidence.

Durations are not checked: they come from the timeline.

## Fails

```markdown
## Impact

The dashboard was 18% low: 3,870 of 21,500 orders were missing.

## Supporting evidence

The pull request was closed.
```

## Passes

```markdown
## Impact

The dashboard was 18% low: [3,870 orders](https://bi.example.com/q/12) were missing.

## Supporting evidence

The pull request was closed.
```

```yaml
evidence: [{kind: query, title: "Orders by product line", url: "https://bi.example.com/q/12"}]
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.postmortem.document import Document
from incident.postmortem.sections import Section
from incident.rules import Context, Finding, _causes, _figures, rule
from incident.rules._figures import Figure
from incident.rules._sections import is_empty
from incident.text.lazy_regex import lazy
from incident.text.values import mappings

_LISTED = 4
_SMALL = 10  # a smaller count needs no query: two people, three dashboards
_MEASURES = frozenset({"query", "dashboard", "log", "snapshot", "lineage"})
_TITLED = lazy(r"AI-\d+")  # the importer's link to an action item's issue
_POINTS = lazy(r"https?://|\]\(|\]\[|`|~~~|<img|(?<![\w&])#\d+|\b[0-9a-f]{7,40}\b")
_CODE_CHANGE = lazy(
    r"(?:\[[^\]\n]{0,200}\]\()?https?://[^\s()]{1,200}/(?:pulls?|commits?|merge_requests|issues)/"
    r"[^\s)]*\)?|#\d+"
)
_QUERY = lazy(r"```[ \t]*(?:sql\b|\w*\r?\n(?:--[^\n]*\n)*\s*(?:select|with)\b)", re.IGNORECASE)
# a cause that is a change has a pull request, a ticket or release notes
_CHANGE = lazy(
    r"\b(?:chang(?:e[sd]?|ing)|deploy\w*|merge[ds]?|commit\w*|releas\w*|upgrad\w*|config\w*|migrat\w*|"
    r"renam\w*|refactor\w*|introduced|reverted)\b",
    re.IGNORECASE,
)
_NOT = lazy(r"(?:\bnot|n['\u2019]t|\bno|\bnever)\s(?:\w+\s){0,2}\Z", re.IGNORECASE)
_ABOUT_CAUSE = ("root_cause", "contributing_factors", "timeline", "resolution", "summary")


@rule(code="INC219", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report figures and a root cause without evidence, all in one finding."""
    document = context.document
    given = [one for one in mappings(document.get("evidence")) if not _is_item(one)]
    if any(one.get("kind") in _MEASURES or not one.get("kind") for one in given):
        return
    if "```" in document.text and _QUERY().search(document.text):
        return
    support = document.by_key.get("supporting_evidence")
    shown = document.text[support.heading_end : support.end] if support else ""
    if _POINTS().search(_CODE_CHANGE().sub("", shown)):
        return
    figures = list(_figures_without(document))
    cause = None if given or shown.strip() else _cause_without(document)
    if figures:
        yield _about_figures(document, figures, cause)
    elif cause:
        fact = f'section "{cause.title}" has no evidence'
        hint = "link what shows it: the pull request, the log or the query"
        yield Finding(cause.start, cause.heading_end, fact, hint)


def _is_item(evidence: dict[str, object]) -> bool:
    return _TITLED().fullmatch(str(evidence.get("title", ""))) is not None


def _figures_without(document: Document) -> Iterator[Figure]:
    """The figures of Impact whose lines point to nothing."""
    section = document.by_key.get("impact")
    if section is None:
        return
    seen: set[str] = set()
    for figure in _figures.find(document.prose, section.heading_end, section.end):
        if figure.kind == "duration" or figure.shown in seen:
            continue
        if figure.kind == "count" and int(figure.digits or 0) < _SMALL:
            continue
        if _NOT().search(document.prose, max(0, figure.start - 40), figure.start):
            continue
        if not _POINTS().search(document.text, *_paragraph(document.text, figure)):
            seen.add(figure.shown)
            yield figure


def _paragraph(text: str, figure: Figure) -> tuple[int, int]:
    """The line of a figure."""
    end = text.find("\n", figure.end)
    return text.rfind("\n", 0, figure.start) + 1, len(text) if end < 0 else end


def _cause_without(document: Document) -> Section | None:
    """The root cause, unless it or the story around it points to something."""
    cause = document.by_key.get("root_cause")
    if cause is None or is_empty(document, cause):
        return None  # sections-required
    parts = [document.by_key[key] for key in _ABOUT_CAUSE if key in document.by_key]
    if any(_POINTS().search(document.text, part.heading_end, part.end) for part in parts):
        return None
    text = _causes.plain(document.blocks[cause.heading_end : cause.end])
    if not _CHANGE().search(text) or (_causes.may_be_open(text) and _causes.read(text).open):
        return None  # root-cause-mechanism asks for what is not known
    return cause


def _about_figures(document: Document, figures: list[Figure], cause: Section | None) -> Finding:
    first = figures[0]
    listed = ", ".join(
        f'"{one.shown}" (line {document.span(one.start, one.end).line})'
        for one in figures[:_LISTED]
    )
    more = ", \u2026" if len(figures) > _LISTED else ""
    count = f"{len(figures)} figures" if len(figures) > 1 else "a figure"
    also = " and the root cause" if cause else ""
    verb = "has" if len(figures) == 1 and not cause else "have"
    fact = f"{count} of the impact{also} {verb} no evidence: {listed}{more}"
    hint = f'where does "{first.shown}" come from? add the query, dashboard or log to `evidence`'
    places = [(one.start, f"{one.shown} has no evidence") for one in figures[1:]]
    if cause:
        places.append((cause.start, "the root cause has no evidence"))
    return Finding(first.start, first.end, fact, hint, related=tuple(places))
