"""The last lines of `incident lint`: counts, fixes and the summary."""

from __future__ import annotations

from collections import Counter

import click

from incident.diagnostic import Diagnostic, Level


def statistics(diagnostics: list[Diagnostic]) -> str:
    """One line per rule: count and number of files."""
    counts = Counter((d.code, d.name, d.level) for d in diagnostics)
    lines = []
    for (code, name, level), count in counts.most_common():
        touched = len({d.path for d in diagnostics if d.code == code})
        files = f"{touched} file{'s' * (touched != 1)}"
        lines.append(f"{count:>6}  {code}  {level:<7}  {name} ({files})\n")
    return "".join(lines)


def fixed(count: int, files: int, is_dry: bool) -> str:
    """What --fix did, or would do."""
    if not count:
        return "No fixes available."
    verb = "Would fix" if is_dry else "Fixed"
    problems = f"{count} problem{'s' * (count != 1)}"
    return f"{verb} {problems} in {files} file{'s' * (files != 1)}."


def summary(diagnostics: list[Diagnostic], files: int) -> str:
    """The counts of a run, in color."""
    documents = f"{files} postmortem{'s' * (files != 1)}"
    if not diagnostics:
        return click.style(f"All checks passed ({documents})", fg="green")
    counts = Counter(d.level for d in diagnostics)
    found = ", ".join(
        click.style(f"{counts[level]} {level}{'s' * (counts[level] != 1)}", bold=True)
        for level in Level
        if counts[level]
    )
    touched = len({d.path for d in diagnostics})
    text = f"{found} in {touched} of {documents}"
    if fixable := sum(d.fix is not None and d.fix.safe for d in diagnostics):
        text += f", {fixable} fixable with `--fix`"
    return f"{text}; explain a rule with `incident rule NAME`"
