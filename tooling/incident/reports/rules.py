"""Rules: one page per lint rule, from its module's docstring."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from incident import rules
from incident.reports._site_data import File, Page, Wiki
from incident.rules import Rule
from incident.text import markdown_table

GROUPS = {
    "0": "File and frontmatter",
    "1": "Metadata, times and owners",
    "2": "Sections",
    "3": "Action items",
    "4": "Blameless language",
    "5": "Data",
    "6": "Archive",
}
_COLUMNS = ("Code", "Rule", "Level", "Required from", "What it checks")


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The list of rules, and a page for each."""
    parts = [
        "# Rules",
        "What `incident lint` checks. Each rule has a code and a name. Requirements grow with the "
        "status of the postmortem. `incident rule NAME` prints the same page in the terminal.",
    ]
    for group, found in groupby(rules.all_rules(), key=lambda rule: rule.code[3]):
        parts.append(f"## {GROUPS.get(group, 'Other')}")
        rows = [
            (
                rule.code,
                f"[{rule.name}]({rule.name}.md)",
                str(rule.level),
                rule.since_status.replace("_", " "),
                rule.summary,
            )
            for rule in found
        ]
        parts.append(markdown_table.table(_COLUMNS, rows))
    yield Page("rules/index.md", "Rules", markdown="\n\n".join(parts) + "\n")
    for rule in rules.all_rules():
        yield Page(f"rules/{rule.name}.md", rule.name, markdown=_rule(rule))


def _rule(rule: Rule) -> str:
    title, _, rest = rule.page.partition("\n")
    facts = (
        f"`{rule.code}` · `{rule.name}` · {rule.level} · required from "
        f"`{rule.since_status}` on · since {rule.since}"
    )
    off = (
        "## How to turn it off\n\nFor the whole repository: "
        f'`[tool.incident] ignore = ["{rule.name}"]`. In one place, with a reason: '
        f"`<!-- incident-ignore: {rule.name} -- reason -->`."
    )
    guide = GUIDES.get(rule.code[3])
    more = f"\n\nSee also the guide: [{guide[1]}](../guide/{guide[0]}.md)." if guide else ""
    head = f"# {title.rstrip('.')}\n\n{facts}"
    return f"{head}\n\n{rest.strip()}\n\n{off}{more}\n\n[All rules](index.md)\n"


GUIDES = {
    "1": ("roles", "roles and times"),
    "2": ("writing", "how to write a postmortem"),
    "3": ("action-items", "action items that get done"),
    "4": ("review", "the blameless review"),
    "5": ("incident-response", "incident response"),
}
