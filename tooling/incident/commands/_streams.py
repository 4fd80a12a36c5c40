"""The standard streams of the process, even if some are closed."""

from __future__ import annotations

import codecs
import io
import os
import sys

_ERRORS = "incident-escape"


def prepare() -> None:
    """Replace closed streams, and make every character writable in every encoding."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # closed: otherwise the next opened file would receive the output
            os.open(os.devnull, os.O_RDWR)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    codecs.register_error(_ERRORS, _escape)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _escape(error: UnicodeError) -> tuple[str, int]:
    r"""A character missing from the encoding, escaped as in JSON: \u2713, \ud83d\ude00."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    units = text.encode("utf-16-be", "surrogatepass")
    codes = (units[at : at + 2].hex() for at in range(0, len(units), 2))
    return "".join(f"\\u{code}" for code in codes), error.end
