"""Links to files and anchors in the repository resolve.

Evidence is only useful while it can be opened. Relative links and images are resolved from the
postmortem and from the repository root, anchors against the headings in this file. Links to other
hosts are not checked.

## Fails

```markdown
## Supporting evidence

![the dip](dip-that-is-not-there.png)
```

```markdown
## Supporting evidence

See [the timeline](#time-line).
```

```markdown
## Supporting evidence

![the dip](../../../elsewhere/dip.png)
```

## Passes

```markdown
## Supporting evidence

See [the timeline](#timeline) and [the pull request](https://git.example.com/shop/pull/2891).
```
"""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from incident.diagnostic import Level
from incident.git import diff
from incident.postmortem.markdown.links import Link
from incident.rules import Context, Finding, rule
from incident.text.values import mapping


@rule(code="INC605", level=Level.ERROR, since="0.2.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report targets that do not exist."""
    document = context.document
    for link in document.links:
        yield from _look(context, link)
    evidence = document.get("evidence")
    for index, item in enumerate(evidence if isinstance(evidence, list) else []):
        url = mapping(item).get("url")
        if isinstance(url, str) and url and not re.search(r"\s", url):
            yield from _look(context, Link(url, *document.at("evidence", index, "url")))


def _look(context: Context, link: Link) -> Iterator[Finding]:
    place = link.start, link.end
    if not link.is_inside:
        return
    if not link.path:
        if link.anchor and not context.document.has_anchor(unquote(link.anchor)):
            hint = "use the heading in lower case with hyphens: #root-cause"
            yield Finding(*place, f"no heading has the anchor #{link.anchor[:60]}", hint)
        return
    here, path = context.document.path, link.path
    from_root = posixpath.normpath(path.lstrip("/"))
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
    beside = from_root if path.startswith("/") else beside
    inside = f"{context.config.archive}/"
    known = here.startswith(inside) and beside.startswith(inside) and not path.startswith("/")
    if known and path.endswith(".md") and diff.is_postmortem(beside):
        return  # `dead-link` sees all of them
    context.clock.forget()  # the file may come or go, and no cache would notice
    # never look outside the repository: elsewhere the result would be different
    places = [one for one in dict.fromkeys((beside, from_root)) if not _leaves(one, here)]
    for one in places:
        try:
            if (context.config.root / one).exists():
                return
        except (OSError, ValueError):
            continue
    if places:
        fact = f"file {link.path[:120]} does not exist"
        yield Finding(*place, fact, "add it, or correct the link")
    else:
        hint = "link to a file in this repository, or use a full URL"
        yield Finding(*place, f"{link.path[:120]} is outside the repository", hint)


def _leaves(path: str, here: str) -> bool:
    """Whether a path leaves the repository that contains the document."""
    return path.split("/", 1)[0] == ".." and not here.startswith(("/", "../"))
