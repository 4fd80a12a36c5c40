"""The "Report a data incident" issue, as GitHub's API gives it, as a prefilled postmortem.

Anyone who can open an issue may have written it: all of it is text, never markup, and only values
that the form offers are taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from incident.errors import UsageError
from incident.postmortem import model, severity
from incident.sources import Evidence, Option, Prefill, Reached, Request
from incident.text.account import Noun, Tally
from incident.text.bounded_readers import address, read_json
from incident.text.instants import parse_utc
from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import cut, escape_lines
from incident.text.values import mapping, string
from incident.text.written_times import Assumptions, within

NO_ALIASES: Mapping[str, str] = MappingProxyType({})
_HEADING = lazy(r"^###[ \t]+(?P<title>[^\n]{1,200}?)[ \t]*\r?$", re.MULTILINE)
_EMPTY = frozenset({"", "_no response_", "no response", "none", "n/a"})
# What a field is about, by the words of its label; the first that fits.
_FIELDS = {
    "critical": ("critical",),
    "downstream": ("downstream", "how many assets"),
    "magnitude": ("how wrong", "magnitude", "percent"),
    "severity": ("severity",),
    "detected": ("noticed", "detected", "found", "discovered"),
    "started": ("since when", "began", "started", "wrong since", "when"),
    "kind": ("how is the data wrong", "kind of"),
    "owner": ("owner", "owns", "owning team"),
    "assets": ("asset", "table", "dataset", "model", "which data"),
    "consumers": ("who uses", "who is affected", "consumers", "impact"),
    "summary": (
        "what is broken",
        "what is wrong",
        "what happened",
        "problem",
        "description",
        "summary",
    ),
}
_PREFIX = lazy(r"^\s*(?:\[[^\]\n]{1,40}\]|(?i:data )?(?i:incident))\s*:?\s*(?=\S)")
_LEVEL = lazy(r"\bP([0-3])\b", re.IGNORECASE)
_REF = lazy(r"[\w.:/-]{2,200}")


OPTIONS = (Option("--from-issue", "FILE", "Prefill from a saved issue (JSON).", "text"),)
RANK = 2


def gather(request: Request) -> Prefill:
    """What the saved issue named on the command line says."""
    name = request.given["--from-issue"].removeprefix("#")
    if name.isascii() and name.isdigit() and not Path(name).exists():
        raise UsageError(
            f"issue {int(name)} is on GitHub, and this command does not connect to it",
            f"gh api repos/OWNER/REPO/issues/{int(name)} > issue.json, "
            "then --from-issue issue.json",
        )
    return read(Path(name), request.config.severity_aliases, request.now)


def read(
    path: Path, aliases: Mapping[str, str] = NO_ALIASES, now: datetime | None = None
) -> Prefill:
    """What a saved issue says; `aliases`: the team's severity scale.

    Raises UsageError if the file is not an issue.
    """
    data = mapping(read_json(path))
    data = mapping(data.get("issue")) or data  # the event of a workflow holds the issue in a key
    if not isinstance(data.get("title"), str) or "body" not in data:
        raise UsageError(
            f"{path} is not an issue: `title` and `body` are missing",
            "save it with: gh api repos/OWNER/REPO/issues/N > issue.json",
        )
    return parse(data, aliases, now)


def parse(
    data: dict[str, Any], aliases: Mapping[str, str] = NO_ALIASES, now: datetime | None = None
) -> Prefill:
    """What an issue of GitHub's API says; labels, people and everything else are passed over."""
    tally = Tally("issue", Noun("answer", "answers"))
    found = fields(string(data.get("body")), tally)
    warnings: list[str] = []
    assumed = Assumptions(now or datetime.now(UTC))
    downstream, magnitude = (
        _number(found.get("downstream", "")),
        _number(found.get("magnitude", "")),
    )
    critical = _yes(found.get("critical", ""))
    proposed, reason = _level(found.get("severity", ""), aliases), "the issue says so"
    if not proposed and critical is not None:
        proposed = severity.propose(critical, int(downstream or 0), magnitude or 0)
        reason = "three factors of the issue"
    started = _time("started", found, assumed, warnings)
    detected = _time("detected", found, assumed, warnings) or parse_utc(data.get("created_at"))
    if started and detected and started > detected:
        started = None
        warnings.append("the beginning is after the detection: it is quoted in the summary")
    summary = "\n\n".join(
        escape_lines(text)
        for text in (
            found.get("summary", ""),
            f"Since: {found['started']}" if found.get("started") and started is None else "",
            _quoted_detection(found, assumed),
            found.get("", ""),
        )
        if text
    )
    number, url = data.get("number"), address(data.get("html_url"))
    is_number = isinstance(number, int) and not isinstance(number, bool)
    kind = found.get("kind", "").strip().casefold().replace(" ", "_").split("_(")[0]
    return Prefill(
        title=cut(_PREFIX().sub("", string(data.get("title"))), 200),
        severity=proposed,
        reason=reason if proposed else "",
        owner=cut(found.get("owner", ""), 60).lstrip("@"),
        kind=kind if kind in model.KINDS else "",
        started_at=started,
        detected_at=detected,
        detection_method="consumer",
        detection_source=f"issue #{number}" if is_number else "an issue",
        downstream=int(downstream) if downstream is not None and 0 <= downstream < 1e6 else None,
        critical=critical,
        assets=tuple(
            Reached(ref, "root") for ref in dict.fromkeys(_REF().findall(found.get("assets", "")))
        )[:20],
        evidence=(Evidence("log", f"issue #{number}", url),) if url and is_number else (),
        sections={
            "summary": summary,
            "impact": escape_lines(found.get("consumers", "")),
        },
        warnings=tuple(warnings),
        accounts=(tally.account,),
    )


def fields(body: str, tally: Tally) -> dict[str, str]:
    """The answers of a form by what they are about; "" holds the text before the first field."""
    text = body[:65_536].replace("\r\n", "\n")
    headings = list(_HEADING().finditer(text))
    answers = {"": text[: headings[0].start()].strip() if headings else text.strip()}
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    for heading, end in zip(headings, ends, strict=False):
        answer = text[heading.end() : end].strip()
        label = heading["title"].casefold()
        about = next((k for k, said in _FIELDS.items() if any(w in label for w in said)), "")
        if answer.casefold() in _EMPTY:
            tally.leave("empty")
            continue
        if not about:  # a field that is not known stays text, under its label
            answers[""] = f"{answers['']}\n\n{heading['title']}: {answer}".strip()
        elif about not in answers:
            answers[about] = answer
        else:  # a second field of the kind
            answers[about] = f"{answers[about]}\n\n{answer}"
        tally.take()
    return answers


def _level(text: str, aliases: Mapping[str, str]) -> str:
    """P0 to P3 as an answer begins with it, or with a word of the team's scale."""
    for word in sorted(aliases, key=len, reverse=True):
        if re.match(rf"{re.escape(word)}(?!\w)", text.strip(), re.IGNORECASE):
            return aliases[word]
    level = _LEVEL().search(text)
    return f"P{level[1]}" if level else ""


def _number(text: str) -> float | None:
    found = re.search(r"\d{1,9}(?:\.\d{1,6})?", text.replace(",", ""))
    return float(found[0]) if found else None


def _yes(text: str) -> bool | None:
    word = text.strip().casefold()
    return (
        True
        if word.startswith(("yes", "true", "- [x]"))
        else (False if word.startswith(("no", "false", "- [ ]")) else None)
    )


def _time(
    about: str, found: Mapping[str, str], assumed: Assumptions, warnings: list[str]
) -> datetime | None:
    """The time of an answer; one that is not understood is reported, and stays text."""
    if not found.get(about):
        return None
    at = within(found[about], assumed)
    if isinstance(at, datetime):
        return at
    what = {"started": "the beginning", "detected": "the detection"}[about]
    warnings.append(f"{what} is {at}: it is quoted in the summary")
    return None


def _quoted_detection(found: Mapping[str, str], assumed: Assumptions) -> str:
    text = found.get("detected", "")
    return f"Noticed: {text}" if text and isinstance(within(text, assumed), str) else ""
