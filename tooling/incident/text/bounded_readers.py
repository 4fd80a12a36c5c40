"""Files written by other programs: read within limits, with errors that name file and line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from incident.errors import UsageError
from incident.text.lazy_regex import lazy

MAX_BYTES = 512_000_000
_URL = lazy(
    r"(?P<scheme>https?)://(?:[^\s/?#@]+@)?"
    r"(?P<rest>[\w.-]+(?::\d{1,5})?(?:[/?#][^\s<>\"'`|\\()\[\]{}]{0,1900})?)",
    re.IGNORECASE,
)


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a file. Raises UsageError if it is missing or too large."""
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise UsageError(f"{path} {what}", "check the path")
        size = path.stat().st_size
        if size > limit:
            raise UsageError(f"{path} is {size / 1e6:.0f} MB (limit {limit / 1e6:.0f} MB)")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}", "check its permissions") from None


def decode(raw: bytes, place: str) -> str:
    """UTF-8 text, with or without a byte order mark. `place` names it in the error."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"{place}:{line}: byte 0x{raw[error.start]:02x} is not UTF-8"
        raise UsageError(message, "save the file as UTF-8") from None


def parse_json(
    text: str, place: str, hook: Callable[[dict[str, Any]], Any] | None = None, line: int = 1
) -> Any:
    """JSON as plain values; `hook` sees every object. `line`: where `text` starts in `place`."""
    try:
        return json.loads(text, object_hook=hook)
    except json.JSONDecodeError as error:
        what = "incomplete" if error.pos >= len(text.rstrip()) else "invalid"
        where = f"{place}:{error.lineno + line - 1}:{error.colno}"
        message = f"{where}: {what} JSON: {error.msg}"
        raise UsageError(message, "check that the file is complete, or create it again") from None
    except RecursionError:
        raise UsageError(f"{place}: JSON nested too deeply") from None
    except ValueError as error:  # a number with thousands of digits
        raise UsageError(f"{place}: invalid JSON: {error}") from None


def read_json(path: Path, hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """The JSON of a file."""
    return parse_json(decode(read_bytes(path), str(path)), str(path), hook)


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their numbers."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line.strip()


def address(value: object) -> str:
    """An http(s) address without a login in it; "" for anything else."""
    found = _URL().fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return ""
    return f"{found['scheme'].lower()}://{found['rest']}"
