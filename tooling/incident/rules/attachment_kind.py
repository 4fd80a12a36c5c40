"""An attachment is an image or a text file.

The wiki is one site: an attached page or script could read all of it, acting as anyone who opens it.
The wiki copies images, sanitizes `.svg` files and shows text (`.sql`, `.csv`, `.txt`, `.log`,
`.json` and similar) on a separate page. Everything else is left out.

## Fails

```markdown
## Supporting evidence

See [the numbers](numbers.html).
```

```markdown
## Supporting evidence

![the dip](dip.swf)
```

```markdown
## Supporting evidence

See [the numbers][1].

[1]: numbers.html
```

```markdown
## Supporting evidence

<a href="numbers.html">The numbers</a>
```

## Passes

```markdown
## Supporting evidence

See [the pull request](https://git.example.com/shop/pull/2891.html).
```
"""

import posixpath
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.postmortem.markdown import link_targets
from incident.rules import Context, Finding, rule


@rule(code="INC607", level=Level.ERROR, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report links to files that the wiki omits."""
    here = posixpath.dirname(context.document.path)
    inside, near = f"{context.config.archive}/", f"{here}/" if here else ""
    for link in context.document.links:
        if not link.is_inside or not link.path or link.path.endswith(("/", ".md")):
            continue
        target = next(iter(link_targets.places(link.path, context.document.path)), "")
        if target.startswith(("/", "..")) or not target.startswith((inside, near)):
            continue  # elsewhere in the repository: not part of the wiki
        from incident.archive import attachments
        from incident.archive.files import is_outside

        context.clock.forget()  # the file may change, and no cache would notice
        path = context.config.root / target
        # files outside are never touched: the answer would reveal whether they exist
        if why := attachments.problem(path, by_name=is_outside(path, context.config.root)):
            fact = f"{link.path[:120]} {why}"
            several = Several("{} linked files are left out of the wiki", link.path[:120])
            yield Finding(link.start, link.end, fact, attachments.HINT, several=several)
