"""A link inside the repository leads to a file, an anchor to a heading.

Evidence is worth what it can still show. Relative links and pictures are looked up beside the
postmortem and from the repository's root, anchors among the headings of this text; addresses of
other hosts are not asked.

## Fails

```markdown
## Supporting evidence

![the dip](dip-that-is-not-there.png)
```

```markdown
## Supporting evidence

See [the timeline](#time-line).
```

## Passes

```markdown
## Supporting evidence

See [the timeline](#timeline) and [the pull request](https://git.example.com/shop/pull/2891).
```
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from incident.diagnostic import Level
from incident.patterns import lazy
from incident.rules import Context, Found, rule

_TARGET = lazy(r"\]\(<?(?P<target>[^)\s>\[(]{1,500})>?(?:\s+[\"'][^)]*)?\)")
_SCHEME = lazy(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


@rule(code="INC605", level=Level.ERROR, since="0.2.0", body_only=True)
def check(context: Context) -> Iterator[Found]:
    """Report targets that are not there."""
    document = context.document
    if "](" in document.blocks:
        for match in _TARGET.finditer(document.blocks):
            before = document.text[max(0, match.start() - 200) : match.start()].rpartition("\n")[2]
            if before.count("`") % 2 == 0:
                yield from _look(context, match["target"], *match.span("target"))
    evidence = document.get("evidence")
    for index, item in enumerate(evidence if isinstance(evidence, list) else []):
        url = item.get("url") if isinstance(item, dict) else None
        if isinstance(url, str) and url and not re.search(r"\s", url):
            yield from _look(context, url, *document.at("evidence", index, "url"))


def _look(context: Context, target: str, start: int, end: int) -> Iterator[Found]:
    if _SCHEME.match(target):
        return
    path, _, anchor = target.partition("#")
    if not path:
        if anchor and anchor.casefold() not in _anchors(context):
            hint = "use the heading in lower case with hyphens: #root-cause"
            yield Found(start, end, f"no heading has the anchor #{anchor[:60]}", hint)
        return
    root = context.config.root
    beside = root / PurePosixPath(context.document.path).parent / unquote(path)
    archive = context.config.archive_dir
    if path.endswith(".md") and archive in Path(os.path.normpath(beside)).parents:
        return  # another postmortem is `dead-link`, which sees them all
    context.clock.forget()  # the file may come or go, and no cache would notice
    for candidate in (beside, root / unquote(path).lstrip("/")):
        try:
            # what lies outside is nobody's business, and no link leads there
            if Path(os.path.normpath(candidate)).is_relative_to(root) and candidate.exists():
                return
        except (OSError, ValueError):
            continue
    yield Found(start, end, f"there is no file {path[:120]}", "add it, or correct the link")


def _anchors(context: Context) -> set[str]:
    """The anchors of the headings, as GitHub and Python-Markdown make them."""
    found = set()
    for section in context.document.sections:
        plain = re.sub(r"[^\w\s-]", "", section.title.casefold()).strip()
        found |= {re.sub(r"\s", "-", plain), re.sub(r"[-\s]+", "-", plain)}
    text = context.document.text
    return found | set(re.findall(r"(?:id|name)=[\"']([\w-]+)[\"']", text)) | {"top"}
