"""Each output format of the linter is one module here, with `render(report) -> str`.

Untrusted text is made safe before a format gets it: a format prints what it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from incident import discovery
from incident.diagnostic import FAILURE, Diagnostic, Fix, Related
from incident.formats import _repeats
from incident.postmortem import wiki_urls
from incident.text.untrusted_text import shown, shown_line

_LINES = 20  # that are listed


@dataclass(frozen=True)
class Report:
    """The content of a format, safe for terminals and job logs.

    `sources`: the text of each file by path, for excerpts; offsets match the file. `top`: from the
    top of the git repository to where paths start, "a/b/" or "", for services that know only that.
    """

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    color: bool = False
    wiki_url: str = ""
    top: str = ""

    def __post_init__(self) -> None:
        texts = _Texts(self.sources, {shown_line(d.path): d.path for d in self.diagnostics})
        object.__setattr__(self, "sources", texts)
        object.__setattr__(self, "diagnostics", tuple(map(_safe, self.diagnostics)))
        object.__setattr__(self, "wiki_url", shown_line(self.wiki_url))
        object.__setattr__(self, "top", shown_line(self.top))

    def url(self, diagnostic: Diagnostic) -> str | None:
        """The page of the diagnostic's rule, if the wiki's address is configured."""
        if diagnostic.code == FAILURE:
            return None
        return wiki_urls.absolute(self.wiki_url, wiki_urls.rule_url(diagnostic.name)) or None

    def byte_column(self, path: str, line: int, column: int) -> int:
        """Convert a column in characters to one in UTF-8 bytes of the file."""
        lines = self._lines_of(path)
        before = lines[line - 1][: column - 1] if line <= len(lines) else ""
        return len(before.encode("utf-8", "replace")) + 1 if before else column

    def line(self, path: str, number: int) -> str:
        """A line of a file, without its end; each character keeps its column."""
        lines = self._lines_of(path)
        return shown(lines[number - 1].removesuffix("\r")) if number <= len(lines) else ""

    def _lines_of(self, path: str) -> list[str]:
        """The lines as in the file."""
        if path not in self._lines:
            assert isinstance(self.sources, _Texts)
            self._lines.clear()  # diagnostics are sorted by file: one at a time is enough
            self._lines[path] = self.sources.raw(path).split("\n")
        return self._lines[path]

    @cached_property
    def _lines(self) -> dict[str, list[str]]:
        return {}


class _Texts(Mapping[str, str]):
    """Texts that are safe to show, by safe path; each character keeps its offset."""

    def __init__(self, texts: Mapping[str, str], paths: Mapping[str, str]) -> None:
        self._texts, self._paths = texts, paths

    def __getitem__(self, path: str) -> str:
        return shown(self._texts[self._paths[path]])

    def __iter__(self) -> Iterator[str]:
        known = set(self._texts)
        return (path for path, own in self._paths.items() if own in known)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def raw(self, path: str) -> str:
        """The text as in the file, for counting; "" if there is none."""
        return self._texts.get(self._paths[path], "") if path in self._paths else ""


def _safe(d: Diagnostic) -> Diagnostic:
    message, hint, path = (shown_line(text) for text in (d.message, d.hint, d.path))
    related = tuple(
        Related(shown_line(r.path), r.line, r.column, shown_line(r.message)) for r in d.related
    )
    return d._replace(message=message, hint=hint, path=path, fix=_safe_fix(d.fix), related=related)


def _safe_fix(fix: Fix | None) -> Fix | None:
    """A fix that would write unprintable text is named but not offered."""
    if fix is None:
        return None
    is_shown = all(shown(edit.text) == edit.text for edit in fix.edits)
    return Fix(shown_line(fix.what), fix.edits if is_shown else (), fix.safe)


def once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """For people: each person and each kind once a file, with the other places."""
    return _repeats.once(diagnostics)


def names() -> list[str]:
    """The available formats."""
    return discovery.names(__name__)


def as_shown(name: str, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics that the format `name` shows: what repeats once a file where people read it.

    Where programs read a list of places, wording and people keep each of theirs.
    """
    form = discovery.load(__name__, name)
    if getattr(form, "FOR_PEOPLE", False):
        return once(diagnostics)
    if getattr(form, "LISTS_PLACES", False):
        return _repeats.for_programs(diagnostics)
    return list(diagnostics)


def needs_top(name: str) -> bool:
    """Whether the format `name` is for a service that knows paths only from the top."""
    return getattr(discovery.load(__name__, name), "FROM_TOP", False)


def with_places(d: Diagnostic) -> str:
    """The message of a diagnostic with its other places: `… (also lines 12, 30)`."""
    lines = sorted({one.line for one in d.related if one.path == d.path} - {d.span.line})
    parts = []
    if lines:
        listed = ", ".join(map(str, islice(lines, _LINES)))
        more = ", …" if len(lines) > _LINES else ""
        parts.append(f"line{'s' * (len(lines) > 1)} {listed}{more}")
    parts += dict.fromkeys(f"{one.path}:{one.line}" for one in d.related if one.path != d.path)
    return f"{d.message} (also {', '.join(parts)})" if parts else d.message


def render(name: str, report: Report) -> str:
    """`report` in the format `name`; ends with a newline unless empty."""
    text: str = discovery.load(__name__, name).render(report)
    return text
