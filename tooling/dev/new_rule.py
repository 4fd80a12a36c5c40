"""Write the skeleton of a rule, with the next free code: `make rule NAME=title-shouts IN=1`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from incident import __version__, rules

FOLDER = Path(rules.__file__).parent
GROUPS = {
    "0": "file and frontmatter",
    "1": "metadata, times and owners",
    "2": "sections",
    "3": "action items",
    "4": "blameless language",
    "5": "data",
    "6": "archive",
}
SKELETON = '''\
"""TODO: what holds, in a sentence of at most 70 characters.

TODO: why it matters, in two to nine lines.

## Fails

```yaml
title: "TODO"
```

## Passes

```yaml
title: "TODO"
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@rule(code="{code}", level=Level.WARNING, since="{since}")
def check(context: Context) -> Iterator[Finding]:
    """TODO: what is reported."""
    title = context.postmortem.title
    if title.startswith("TODO"):
        start, end = context.document.at("title")
        yield Finding(start, end, "the title says TODO", "write what was wrong, for whom")
'''


def write(name: str, group: str) -> Path:
    """The new file. Raises SystemExit with what is wrong, and the fix."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise SystemExit(f"NAME={name}: lower case, with hyphens: make rule NAME=title-shouts IN=1")
    if group not in GROUPS:
        listed = "\n".join(f"  IN={key}  {about}" for key, about in GROUPS.items())
        raise SystemExit(f"IN={group}: which group of codes?\n{listed}")
    path = FOLDER / f"{name.replace('-', '_')}.py"
    if path.exists():
        raise SystemExit(f"{path} exists: choose another name, or edit it")
    code = rules.free_code(f"INC{group}", (rule.code for rule in rules.all_rules()))
    path.write_text(SKELETON.format(code=code, since=__version__), encoding="utf-8")
    return path


if __name__ == "__main__":
    made = write(*sys.argv[1:3])
    sys.stdout.write(
        f"{made.relative_to(Path.cwd())}\n"
        f"next: fill in the TODOs, then pytest -k {sys.argv[1]} tooling/tests/test_rules.py\n"
        "and make schemas pages\n"
    )
