"""Links to files and anchors in the repository resolve.

Evidence is only useful while it can be opened. Links and images are resolved from the postmortem
and from the repository root, anchors against the headings in the postmortem that they lead to. The
wiki resolves them in the same way. Links to other hosts are not checked.

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

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from incident import archive
from incident.archive.files import is_outside
from incident.diagnostic import Level, Several
from incident.git import diff
from incident.postmortem.document import Document
from incident.postmortem.markdown import link_targets
from incident.postmortem.markdown.links import Link
from incident.rules import Context, Finding, rule
from incident.text.lazy_regex import lazy
from incident.text.values import mapping

_SEPARATORS = lazy(r"[-_\s]+")
_MANY = 1000  # names of a folder that are compared


@rule(code="INC605", level=Level.ERROR, since="0.1.0", body_only=True)
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
            fact = f"no heading has the anchor #{link.anchor[:60]}"
            several = Several(
                "{} anchors match no heading", f"#{link.anchor[:60]}", "correct the links"
            )
            yield Finding(*place, fact, _nearest(link, context.document), several=several)
        return
    here, inside = context.document.path, f"{context.config.archive}/"
    places = link_targets.places(link.path, here)
    is_known = here.startswith(inside) and any(_is_postmortem(one, inside) for one in places[:1])
    if is_known and not link.path.startswith("/") and not link.anchor:
        return  # `dead-link` sees all of them
    context.clock.forget()  # the file may come or go, and no cache would notice
    found = next(link_targets.existing(link.path, here, context.config.root), "")
    if found:
        if link.anchor and _is_postmortem(found, inside):
            yield from _look_inside(context, link, found)
    elif is_known and not link.path.startswith("/"):
        return
    elif places:
        fact = f"file {link.path[:120]} does not exist"
        hint = _neighbor(places[0], context.config.root)
        several = Several(
            "{} linked files do not exist", link.path[:120], "add them, or correct the links"
        )
        yield Finding(*place, fact, hint, several=several)
    else:
        hint = "link to a file in this repository, or use a full URL"
        fact = f"{link.path[:120]} is outside the repository"
        several = Several("{} linked files are outside the repository", link.path[:120])
        yield Finding(*place, fact, hint, several=several)


def _neighbor(path: str, root: Path) -> str:
    """A hint with a file of that folder that has almost the same name, if there is one."""
    folder, _, name = path.rpartition("/")
    try:
        names = [] if is_outside(root / folder / name, root) else os.listdir(root / folder)
    except (OSError, ValueError):
        names = []
    close = f"{name}.md" if f"{name}.md" in names else _closest(name, names[:_MANY], 0.8)
    return f"did you mean {close}?" if close else "add it, or correct the link"


def _closest(name: str, names: Iterable[str], cutoff: float) -> str:
    """The name that differs in case or hyphens only, else the most similar one, or ""."""
    import difflib

    known = {_SEPARATORS().sub("-", one.casefold()): one for one in names}
    wanted = _SEPARATORS().sub("-", name.casefold()[:200])
    close = difflib.get_close_matches(wanted, known, 1, cutoff)
    return known[wanted if wanted in known else close[0]] if close else ""


def _is_postmortem(path: str, inside: str) -> bool:
    return path.startswith(inside) and path.endswith(".md") and diff.is_postmortem(path)


def _look_inside(context: Context, link: Link, path: str) -> Iterator[Finding]:
    """Look for the anchor in another postmortem."""
    other = archive.read(context.config.root / path, context.config)
    if not other.faults and not other.has_anchor(unquote(link.anchor)):
        fact = f"{path[:120]} has no heading with the anchor #{link.anchor[:60]}"
        where = f"{path[:120]}#{link.anchor[:60]}"
        several = Several(
            "{} anchors match no heading of another postmortem", where, "correct the links"
        )
        yield Finding(link.start, link.end, fact, _nearest(link, other), several=several)


def _nearest(link: Link, document: Document) -> str:
    if close := _closest(unquote(link.anchor), sorted(document.anchors), 0.6):
        return f"did you mean #{close}?"
    return "use the heading in lower case with hyphens: #root-cause"
