"""What a file says, whatever it is: in every encoding, packed, or next to a picture's pixels."""

from __future__ import annotations

import base64
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

LIMIT = 20_000_000  # bytes of what was compressed
_DEPTH = 3
_MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# what is between other bytes, and long enough not to be there by chance
_LETTER = rb"(?:[\x20-\x7e]|[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2})"
_RUN = re.compile(_LETTER + rb"{5,}")
_WIDE = re.compile(rb"(?:[\x20-\xff]\0){4,}|(?:\0[\x20-\xff]){4,}")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_PIXELS = frozenset({b"IHDR", b"IDAT", b"fdAT", b"PLTE", b"IEND", b"tRNS", b"gAMA", b"cHRM"})


def read(raw: bytes, depth: int = 0) -> Iterator[str]:
    """Every text in a file, and in what is packed into it."""
    for mark, encoding in _MARKS.items():
        if raw.startswith(mark):
            yield raw.decode(encoding, errors="replace")
            return
    if raw.startswith(b"\x1f\x8b"):
        yield from _packed(raw, depth)
    elif raw.startswith(b"\x89PNG\r\n\x1a\n"):
        yield from _png(raw, depth)
    elif raw.startswith(b"\xff\xd8\xff"):
        yield from _binary(_jpeg(raw), depth)
    elif b"\0" in raw:
        yield from _binary(raw, depth)
    else:
        text = raw.decode("utf-8", errors="replace")
        yield text
        if "\ufffd" in text:
            yield raw.decode("latin-1")
        yield from _decoded(text)


def _binary(raw: bytes, depth: int) -> Iterator[str]:
    """The runs of letters in other bytes."""
    yield b"\n".join(_RUN.findall(raw)).decode("utf-8", errors="replace")
    yield "\n".join(run.replace(b"\0", b"").decode("latin-1") for run in _WIDE.findall(raw))
    if b"PK\3\4" in raw:
        yield from _zip(raw, depth)


def _packed(raw: bytes, depth: int) -> Iterator[str]:
    try:
        with gzip.open(io.BytesIO(raw)) as file:
            inner = file.read(LIMIT)
    except (OSError, EOFError, zlib.error):
        yield from _binary(raw, depth)
        return
    if depth < _DEPTH:
        yield from read(inner, depth + 1)


def _zip(raw: bytes, depth: int) -> Iterator[str]:
    """The names and contents of an archive, also of one at the end of a picture."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            for info in packed.infolist()[:1000]:
                yield info.filename
                if depth < _DEPTH and not info.flag_bits & 1:
                    with packed.open(info) as file:
                        yield from read(file.read(LIMIT), depth + 1)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, ValueError):
        return


def _png(raw: bytes, depth: int) -> Iterator[str]:
    """A picture's text besides its pixels, unpacked, and any bytes after its end."""
    at = 8
    while at + 8 <= len(raw):
        size, kind = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + 8]
        chunk = raw[at + 8 : at + 8 + size]
        at += 12 + size
        if kind == b"IEND":
            break
        if kind in _PIXELS:
            continue
        yield chunk.replace(b"\0", b"\n").decode("utf-8", errors="replace")
        yield from _binary(chunk, depth)
        for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", chunk):
            try:
                inner = zlib.decompressobj().decompress(chunk[start.start() :], LIMIT)
            except zlib.error:
                continue
            yield inner.decode("utf-8", errors="replace")
            yield from _binary(inner, depth)
    if rest := raw[at:]:
        yield from read(rest, depth + 1) if depth < _DEPTH else ()


def _jpeg(raw: bytes) -> bytes:
    """A picture without its pixels."""
    at, kept = 2, []
    while at + 4 <= len(raw) and raw[at] == 0xFF and raw[at + 1] != 0xDA:
        size = int.from_bytes(raw[at + 2 : at + 4], "big")
        kept.append(raw[at + 4 : at + 2 + size])
        at += 2 + max(size, 2)
    end = raw.rfind(b"\xff\xd9")
    return b"\0\n\0".join([*kept, raw[end + 2 :] if end >= at else raw[at:]])


def _decoded(text: str) -> Iterator[str]:
    """What a text holds as base64."""
    found = []
    for match in _ENCODED.finditer(text):
        one = match[0].rstrip("=")
        try:
            inner = base64.b64decode(one + "=" * (-len(one) % 4), altchars=b"-_")
            found.append(inner.decode("utf-8"))
        except ValueError:
            continue
    if found:
        yield "\n".join(one for one in found if one.isprintable() or "\n" in one)
