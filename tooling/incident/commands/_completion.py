"""Shell completion for options and arguments, by name, in every command.

The shell waits for the answer: files are skimmed, not parsed, and only the newest ones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from incident.archive import files
from incident.errors import IncidentError
from incident.repository import config
from incident.repository.config import Config

_SKIMMED = 400  # the newest files
_OWNER = re.compile(r"^[ {-]*(?:[^\n]*[,{] *)?owner: *[\"']?([\w./-]+)", re.MULTILINE)
_ITEM = re.compile(r"^ *- *\{?id: *[\"']?([\w.-]+)", re.MULTILINE)
_ASSET = re.compile(r"\bref: *[\"']?([\w.:/-]+)")
_TAGS = re.compile(r"^tags: *\[([^\]\n]*)\]", re.MULTILINE)

Words = Iterator[tuple[str, str]]


def _texts(here: Config) -> Iterator[str]:
    yield from (text for _, text in _newest(here))


def _newest(here: Config) -> Iterator[tuple[Path, str]]:
    newest = sorted(files.postmortem_paths(here.archive_dir), reverse=True)[:_SKIMMED]
    for path in filter(Path.is_file, newest):  # reading a pipe would block forever
        try:
            with path.open("rb") as file:
                yield path, file.read(20_000).decode("utf-8", errors="replace")
        except OSError:
            continue


def _frequent(here: Config, pattern: re.Pattern[str]) -> Words:
    counts = Counter(word for text in _texts(here) for word in pattern.findall(text))
    for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield word, ""


def _owners(here: Config) -> Words:
    return _frequent(here, _OWNER)


def _assets(here: Config) -> Words:
    return _frequent(here, _ASSET)


def _tags(here: Config) -> Words:
    lists = (found for text in _texts(here) for found in _TAGS.findall(text))
    counts = Counter(word.strip(" \"'") for found in lists for word in found.split(","))
    yield from ((word, "") for word, _ in counts.most_common() if word)


def _ids(here: Config) -> Words:
    for path in sorted(files.postmortem_paths(here.archive_dir), reverse=True):
        yield path.stem, ""


def _items(here: Config) -> Words:
    for path, text in _newest(here):
        for item in _ITEM.findall(text.partition("\n---")[0]):
            yield f"{path.stem}/{item}", ""


def _rules(_here: Config) -> Words:
    from incident import rules

    for rule in rules.all_rules():
        yield rule.name, f"{rule.code} {rule.summary}"
    for rule in rules.all_rules():
        yield rule.code, rule.summary


def _schema_values(key: str) -> Callable[[Config], Words]:
    def words(here: Config) -> Words:
        from incident.postmortem import schema

        for value in schema.load(here.root).content["properties"][key]["enum"]:
            if value:
                yield value, ""

    return words


def _revisions(here: Config) -> Words:
    for folder in ("heads", "remotes"):
        refs = here.root / ".git" / "refs" / folder
        for path in sorted(refs.rglob("*")) if refs.is_dir() else ():
            if path.is_file():
                yield path.relative_to(refs).as_posix(), ""


COMPLETERS: dict[str, Callable[[Config], Words]] = {
    "owner": _owners,
    "asset": _assets,
    "assets": _assets,
    "tag": _tags,
    "id": _ids,
    "ident": _ids,
    "incident": _ids,
    "incident_id": _ids,
    "postmortem": _ids,
    "like": _ids,
    "into": _ids,
    "of": _ids,
    "item": _items,
    "code": _rules,
    "select": _rules,
    "ignore": _rules,
    "kind": _schema_values("kind"),
    "cause_category": _schema_values("cause_category"),
    "base": _revisions,
    "changed_since": _revisions,
}


def attach(command: click.Command) -> None:
    """Make a command's parameters complete from the archive; Choice and Path already do."""
    for param in command.params:
        words = COMPLETERS.get(param.name or "")
        if words and type(param.type) is type(click.STRING):
            param.shell_complete = _completer(words)  # type: ignore[method-assign, assignment]


def _completer(
    words: Callable[[Config], Words],
) -> Callable[[click.Context, str], list[CompletionItem]]:
    def complete(_ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        done, comma, typed = incomplete.rpartition(",")
        try:
            root = config.find_root(Path.cwd())
            here = config.load(root) if root else Config(root=Path.cwd())
            every = list(words(here))
            found = [pair for pair in every if pair[0].lower().startswith(typed.lower())]
            # ids start with a date, but people remember another part
            if not found and words in (_ids, _items):
                found = [pair for pair in every if typed.lower() in pair[0].lower()]
        except (IncidentError, OSError):
            return []
        return [CompletionItem(done + comma + word, help=said or None) for word, said in found]

    return complete
