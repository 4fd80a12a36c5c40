"""A Slack export (folder, zip, day or thread): messages marked with a reaction or a prefix.

Only messages that someone marked are read: by a reaction (`intake.slack_reactions`), or by a prefix
such as `!tl` (`intake.slack_prefixes`). Who wrote them is not reported; people and user groups
become roles, in mentions and, where the export lists its users, in running text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from incident.errors import UsageError
from incident.sources import Signal
from incident.sources.timeline import Export, Reading, _slack_files, _slack_text
from incident.sources.timeline._chat_names import People
from incident.text.account import Noun, Tally
from incident.text.bounded_readers import decode, parse_json
from incident.text.instants import from_unix
from incident.text.values import mapping, mappings, string

GROUP = "the responders' group"
_DELETED = frozenset({"tombstone", "message_deleted"})
_NESTED = ("slackdump_thread_replies", "replies")


def recognizes(path: Path) -> bool:
    """A folder, a zip, or messages."""
    if path.is_dir() or path.suffix.lower() == ".zip":
        return True
    if path.suffix.lower() != ".json":
        return False
    with path.open("rb") as file:
        head = file.read(65_536)
    return b'"ts"' in head and head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in {b"[", b"{"}


def read(path: Path, reading: Reading) -> Export:
    """The marked messages of all channels of the export. Raises UsageError if it holds none."""
    people = People(reading.roles, reading.language)
    tally = Tally(str(path), Noun("message", "messages"))
    files: list[tuple[str, list[Any]]] = []
    notes: list[str] = []
    for name, place, raw in _slack_files.files(path):
        data = parse_json(decode(raw, place), place)
        if name in _slack_files.USERS:
            people.add(mappings(data))
            continue
        messages = _messages(data)
        if messages is None:
            raise UsageError(f"{place}: not a list of messages", "is it an export of Slack?")
        if _has_more(data):
            notes.append(f"{place} holds the first page: there are more messages (has_more)")
        files.append((place, messages))
    if not files:
        raise UsageError(
            f"{path} holds no CHANNEL/YYYY-MM-DD.json", "name an export of Slack, or a day of it"
        )
    for _, messages in files:
        people.add_authors(message for message in messages if isinstance(message, dict))
    signals: list[Signal] = []
    seen: set[tuple[str, str]] = set()
    for place, messages in files:
        inner = place.removeprefix(str(path)).lstrip("/\\")
        signals += _signals(messages, inner, reading, people, tally, seen)
    if not signals and tally.account.seen:
        marks = [f":{name}:" for name in reading.config.slack_reactions[:1]]
        marks += [f"begin with {prefix}" for prefix in reading.config.slack_prefixes[:1]]
        notes.append(f"mark the messages that matter, and export again: {', or '.join(marks)}")
    return Export(signals, (tally.account,), tuple(notes))


def _messages(data: object) -> list[Any] | None:
    """The messages of a day, of a thread, of slackdump's channel, or of pages of them."""
    if isinstance(data, dict):
        inner = data.get("messages")
        inner = inner.get("matches") if isinstance(inner, dict) else inner
        return _flat(inner) if isinstance(inner, list) else None
    if not isinstance(data, list):
        return None
    pages = [_messages(page) if _is_page(page) else [page] for page in data]
    return _flat([message for page in pages for message in page or ()])


def _is_page(value: object) -> bool:
    return isinstance(value, dict) and "messages" in value and "ts" not in value


def _flat(messages: list[Any]) -> list[Any]:
    """Messages, and after each the replies that slackdump nests in it."""
    found: list[Any] = []
    for message in messages:
        found.append(message)
        for key in _NESTED:
            inner = message.get(key) if isinstance(message, dict) else None
            found += [r for r in mappings(inner) if "text" in r or "subtype" in r]
    return found


def _has_more(data: object) -> bool:
    pages = data if isinstance(data, list) else [data]
    last = mapping(pages[-1]) if pages else {}
    cursor = mapping(last.get("response_metadata")).get("next_cursor")
    return _is_page(last) and (last.get("has_more") is True or bool(cursor))


def _signals(
    messages: list[Any],
    place: str,
    reading: Reading,
    people: People,
    tally: Tally,
    seen: set[tuple[str, str]],
) -> Iterator[Signal]:
    reactions = set(reading.config.slack_reactions)
    prefixes = tuple(prefix.casefold() for prefix in reading.config.slack_prefixes if prefix)
    for number, message in enumerate(messages, 1):
        where = f"{place}, message {number}".lstrip(" ,")
        if not isinstance(message, dict):
            tally.leave("not a message", where)
            continue
        message = {**message, **mapping(message.get("message"))}  # what an edit made of it
        text = _slack_text.written(message)
        given = {string(r.get("name")).split("::")[0] for r in mappings(message.get("reactions"))}
        prefix = next((p for p in prefixes if text.casefold().startswith(p)), "")
        if not prefix and not given & reactions:
            tally.leave("not marked")
        elif string(message.get("subtype")) in _DELETED or message.get("hidden") is True:
            tally.leave("deleted", where)
        elif not text:
            what = "a file without text" if mappings(message.get("files")) else "without text"
            tally.leave(what, where)
        elif (at := from_unix(message.get("ts"))) is None or not 2000 <= at.year < 9999:
            tally.leave("without a time", where)
        else:
            words = text[len(prefix) :].lstrip(" :").rstrip()
            said = people.hidden(_slack_text.plain(words, people.person, _group))
            if not said.strip():
                tally.leave("without text", where)
            elif (key := (str(message.get("ts")), said)) in seen:
                tally.leave("a copy of another message", where)
            else:
                seen.add(key)
                tally.take()
                yield Signal(at, "message", said)


def _group(_id: str) -> str:
    return GROUP
