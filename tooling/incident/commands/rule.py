"""`incident rule`: what a rule asks, and why."""

from __future__ import annotations

import json

import click

from incident import rules
from incident.errors import UsageError
from incident.rules import Rule


@click.command()
@click.argument("code", required=False, metavar="[CODE|NAME]")
@click.option("--all", "everything", is_flag=True, help="Every rule's page.")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", help="Text or JSON."
)
def command(code: str | None, everything: bool, output_format: str) -> None:
    """Show a rule's page, or list the rules.

    CODE is a code (INC202) or a name (what-went-well).
    """
    if code is None:
        chosen = rules.all_rules()
    elif (found := rules.by_word().get(code.lower())) is None:
        raise UsageError(f"there is no rule `{code}`", rules.suggest(code))
    else:
        chosen = (found,)
    if output_format == "json":
        click.echo(json.dumps([_fields(rule) for rule in chosen], indent=2, ensure_ascii=False))
    elif code is None and not everything:
        widest = max(len(rule.name) for rule in chosen)
        for rule in chosen:
            click.echo(f"{rule.code}  {rule.name:<{widest}}  {rule.level:<7}  {rule.summary}")
    else:
        click.echo("\n\n".join(_page(rule) for rule in chosen))


def _page(rule: Rule) -> str:
    title, _, rest = rule.page.partition("\n")
    asked = f"asked from `{rule.since_status}` on"
    facts = f"`{rule.code}` · `{rule.name}` · {rule.level} · {asked} · since {rule.since}"
    off = (
        f'Turn it off: `[tool.incident] ignore = ["{rule.name}"]`, or in one place, with a reason:'
    )
    comment = f"`<!-- incident-ignore: {rule.name} -- reason -->`"
    return f"# {title}\n\n{facts}\n{rest.rstrip()}\n\n{off}\n{comment}"


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
