"""SARIF 2.1.0, for GitHub code scanning and editors.

Source: OASIS, Static Analysis Results Interchange Format, version 2.1.0.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from incident import __version__, rules
from incident.diagnostic import Diagnostic, Level
from incident.formats import Report, _fingerprint
from incident.postmortem import wiki_urls

FOR_PEOPLE = True  # who read the alerts of code scanning
FROM_TOP = True
_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTICE: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report) -> str:
    """One run; each rule with a finding has its page as help."""
    used = sorted({d.code for d in report.diagnostics})
    marks = _fingerprint.each(report.diagnostics)
    driver = {
        "name": "incident-docs",
        "version": __version__,
        "rules": [_rule(code, report) for code in used],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "the repository"}}},
        "results": [
            _result(d, used.index(d.code), mark, report.top)
            for d, mark in zip(report.diagnostics, marks, strict=True)
        ],
    }
    content = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str, report: Report) -> dict[str, Any]:
    rule = rules.by_word().get(code.lower())
    if rule is None:
        return {"id": code}
    entry: dict[str, Any] = {
        "id": code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": f"{rule.summary}."},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
    }
    if url := wiki_urls.absolute(report.wiki_url, wiki_urls.rule_url(rule.name)):
        entry["helpUri"] = url
    return entry


def _result(d: Diagnostic, index: int, mark: str, top: str) -> dict[str, Any]:
    region = {
        "startLine": d.span.line,
        "startColumn": d.span.column,
        "endLine": d.span.end_line,
        "endColumn": d.span.end_column,
    }
    result: dict[str, Any] = {
        "ruleId": d.code,
        "ruleIndex": index,
        "level": _LEVELS[d.level],
        "message": {"text": f"{d.message}\n{d.hint}".strip()},
        "locations": [_location(f"{top}{d.path}", region)],
        "partialFingerprints": {"incident/v1": mark},
    }
    if d.related:
        result["relatedLocations"] = [
            {
                **_location(f"{top}{one.path}", {"startLine": one.line, "startColumn": one.column}),
                "message": {"text": one.message},
            }
            for one in d.related
        ]
    return result


def _location(path: str, region: dict[str, int]) -> dict[str, Any]:
    place = {"uri": quote(path), "uriBaseId": "ROOT"}
    return {"physicalLocation": {"artifactLocation": place, "region": region}}
