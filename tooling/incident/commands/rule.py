"""`incident rule`: explain a rule."""

from __future__ import annotations

import json

import click

from incident import rules
from incident.commands import examples
from incident.commands._terminal_table import table
from incident.errors import UsageError
from incident.rules import Rule

SECTION = "Write"


@click.command(
    epilog=examples(
        "incident rule what-went-well",
        "incident rule INC202",
        "incident rule --all --json",
    )
)
@click.argument("code", required=False, metavar="[CODE|NAME]")
@click.option("--all", "everything", is_flag=True, help="Show the pages of all rules.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
def command(code: str | None, everything: bool, output_format: str) -> None:
    """Explain a rule, or list all rules.

    CODE is a code (INC202) or a name (what-went-well).
    """
    if code is None:
        chosen = rules.all_rules()
    elif (found := rules.by_word().get(code.lower())) is None:
        raise UsageError(f"unknown rule `{code}`", rules.suggest(code))
    else:
        chosen = (found,)
    if output_format == "json":
        click.echo(json.dumps([_fields(rule) for rule in chosen], indent=2, ensure_ascii=False))
    elif code is None and not everything:
        table((), [(r.code, r.name, str(r.level), r.summary) for r in chosen], False, wrap=True)
    else:
        click.echo("\n\n".join(rule.explanation for rule in chosen))


def _fields(rule: Rule) -> dict[str, str]:
    return {
        "code": rule.code,
        "name": rule.name,
        "level": rule.level,
        "since": rule.since,
        "since_status": rule.since_status,
        "summary": rule.summary,
        "page": rule.page,
    }
