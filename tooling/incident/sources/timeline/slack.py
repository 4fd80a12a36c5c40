"""An export of Slack (folder, zip, or one day): what has a reaction, :pushpin:, or begins !tl.

Only messages that somebody marked are read: by a reaction, or by a prefix such as `!tl`. Who wrote
them is not told; a mention becomes the role of the mentioned in this incident.
"""

from __future__ import annotations

import html
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from incident.errors import UsageError
from incident.sources import Signal
from incident.sources.timeline import Reading
from incident.text.bounded_readers import MAX_BYTES, decode, parse_json, read_bytes
from incident.text.instants import from_unix
from incident.text.lazy_regex import lazy
from incident.text.values import mappings, string

MAX_MEMBERS = 100_000
MAX_RATIO = 200
_SMALL = 10_000_000
# what `zipfile` raises for files that are cut off, changed, or locked with a password
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
_USERS = ("users.json", "org_users.json")  # the second in exports of a whole organisation
_DAY = lazy(r"\d{4}-\d{2}-\d{2}\.json")
_TOKEN = lazy(r"<(?:([@#!])|(?=(?:https?|mailto|tel):))([^<>|\n]{1,2000})(?:\|([^<>\n]{0,500}))?>")


def recognises(path: Path) -> bool:
    """A folder, a zip, or a list of messages."""
    if path.is_dir() or path.suffix.lower() == ".zip":
        return True
    if path.suffix.lower() != ".json":
        return False
    with path.open("rb") as file:
        head = file.read(65_536)
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"[") and b'"ts"' in head


def read(path: Path, reading: Reading) -> list[Signal]:
    """The marked messages of all channels of the export."""
    found: list[Signal] = []
    names: dict[str, str] = {}
    any_day = False
    for name, place, raw in _files(path):
        data = parse_json(decode(raw, place), place)
        if name in _USERS:
            names = _handles(data)
            continue
        any_day = True
        if not isinstance(data, list):
            raise UsageError(f"{place}: no list of messages", "is it an export of Slack?")
        found += _marked(mappings(data), reading, names)
    if not any_day:
        raise UsageError(
            f"{path} holds no CHANNEL/YYYY-MM-DD.json", "name an export of Slack, or a day of it"
        )
    return found


def _files(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """Name, place for errors, and content of users.json and of each day."""
    if path.is_dir():
        yield from _folder(path)
    elif zipfile.is_zipfile(path):
        yield from _zip(path)
    elif path.suffix.lower() == ".zip":
        raise UsageError(f"{path} is no whole zip", "download the export again")
    else:
        yield "day", str(path), read_bytes(path)


def _folder(path: Path) -> Iterator[tuple[str, str, bytes]]:
    for name in _USERS:
        if (path / name).is_file():
            yield name, str(path / name), read_bytes(path / name)
    for parent, folders, files in os.walk(path):
        folders.sort()
        depth = len(Path(parent).relative_to(path).parts)
        if depth >= 2:
            folders.clear()
        for name in sorted(files):
            file = Path(parent, name)
            if _DAY().fullmatch(name) and not file.is_symlink():
                yield name, str(file), read_bytes(file)


def _zip(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """The members that are read, none of them written to disk."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _check(path, members)
            members.sort(key=lambda info: (not info.filename.endswith(_USERS), info.filename))
            for info in members:
                name = PurePosixPath(info.filename).name
                if name in _USERS or _DAY().fullmatch(name):
                    yield name, f"{path}/{info.filename}", archive.read(info)
    except _BROKEN as error:
        raise UsageError(f"{path}: no whole zip: {error}", "download the export again") from None


def _check(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip that climbs out, or that is much larger than it looks."""
    if len(members) > MAX_MEMBERS:
        raise UsageError(f"{path} holds {len(members):,} files (limit {MAX_MEMBERS:,})")
    for info in members:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in "".join(name.parts[:1]):
            raise UsageError(
                f"{path}: {info.filename[:80]!r} leads out of the zip", "no export does this"
            )
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise UsageError(f"{path}: {info.filename[:80]!r} is packed in an unknown way")
        if info.file_size > max(_SMALL, MAX_RATIO * info.compress_size):
            raise UsageError(f"{path}: {info.filename[:80]!r} explodes: {info.file_size:,} bytes")
    if (total := sum(info.file_size for info in members)) > MAX_BYTES:
        raise UsageError(
            f"{path} holds {total / 1e6:,.0f} MB (limit {MAX_BYTES / 1e6:.0f} MB)",
            "export only the channel and the days of the incident",
        )


def _handles(data: object) -> dict[str, str]:
    """Handles by user id, to find who had a role. Nothing else of users.json is looked at."""
    return {string(user.get("id")): string(user.get("name")) for user in mappings(data)}


def _marked(
    messages: list[dict[str, Any]], reading: Reading, names: Mapping[str, str]
) -> Iterator[Signal]:
    reactions = set(reading.config.slack_reactions)
    prefixes = tuple(prefix.casefold() for prefix in reading.config.slack_prefixes if prefix)
    for message in messages:
        text = string(message.get("text")).lstrip()
        at = from_unix(message.get("ts"))
        if at is None or not text:
            continue
        given = {string(r.get("name")).split("::")[0] for r in mappings(message.get("reactions"))}
        prefix = next((p for p in prefixes if text.casefold().startswith(p)), "")
        if prefix or given & reactions:
            yield Signal(at, "message", _plain(text[len(prefix) :].strip(" :"), reading, names))


def _plain(text: str, reading: Reading, names: Mapping[str, str]) -> str:
    """Slack's own marks as words."""

    def word(token: re.Match[str]) -> str:
        sign, target, label = token[1], token[2], token[3] or ""
        if sign == "@":
            return reading.roles.get(names.get(target, "").casefold(), "a responder")
        if sign == "#":
            return f"#{label or 'a channel'}"
        if sign == "!":
            return label.lstrip("@") or target.partition("^")[0]
        if target.startswith(("mailto:", "tel:")):
            return "an address"
        return f"{label} ({target})" if label and label != target else target

    return html.unescape(_TOKEN().sub(word, text))
