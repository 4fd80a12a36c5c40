"""The frontmatter keys are in the standard order.

Readers find the status where it always is, and diffs show what changed instead of what moved.
`--fix` moves whole keys with their comments; your own keys (`x_`) stay at the end.

## Fails

```file
---
id: 2025-03-03-orders-late
severity: P3
title: "Orders were 3 hours late"
status: draft
owner: data-platform
timestamps: {started_at: "2025-03-03T05:00Z", detected_at: "2025-03-03T08:00Z"}
---
```

## Passes

```yaml
x_cost_center: 4711
```
"""

from collections.abc import Iterator

from incident.diagnostic import Edit, Fix, Level
from incident.postmortem import frontmatter, schema
from incident.rules import Context, Finding, rule
from incident.rules._importance import Importance


@rule(code="INC111", level=Level.NOTICE, since="0.1.0", importance=Importance.STYLE)
def check(context: Context) -> Iterator[Finding]:
    """Report the first key out of order, with the sorted block as the fix."""
    document = context.document
    if document.meta.node is None or document.faults:
        return
    order = schema.load(context.config.root).order
    keys = [key for key in document.data if key in order]
    wanted = sorted(keys, key=order.__getitem__)
    if keys == wanted:
        return
    moved = next(key for key, right in zip(keys, wanted, strict=True) if key != right)
    before = next(right for key, right in zip(keys, wanted, strict=True) if key != right)
    place = document.meta.nearest((moved,))
    fact = f"`{moved}` comes before `{before}`"
    fix = _reordered(context, [*wanted, *(key for key in document.data if key not in order)])
    yield Finding(
        place.key_start, place.key_end, fact, f"move `{before}` up, or run with `--fix`", None, fix
    )


def _reordered(context: Context, wanted: list[str]) -> Fix | None:
    """The block with its top-level keys reordered; None if it is not a plain block."""
    document = context.document
    meta, text = document.meta, document.text
    if text[meta.start : meta.start + 1] in {"{", "\r", "\n", " "}:
        return None
    starts = {key: meta.nearest((key,)).key_start for key in document.data}
    order = sorted(starts, key=starts.__getitem__)
    begins = [meta.start, *(_with_comments(text, starts[key]) for key in order[1:]), meta.end]
    if any(text[at - 1] != "\n" for at in begins[1:-1]) or text[meta.start :].startswith("#"):
        return None
    chunks = {key: text[begins[n] : begins[n + 1]].rstrip("\r\n") for n, key in enumerate(order)}
    newline = "\r\n" if "\r\n" in text[: meta.body] else "\n"
    tail = text[meta.start : meta.end][len(text[meta.start : meta.end].rstrip("\r\n")) :]
    new = newline.join(chunks[key] for key in wanted) + tail
    # next to another neighbor, a comment may become part of a block scalar, or an anchor change
    if (
        frontmatter.read(text[: meta.start] + new + text[meta.end :]).data
        != frontmatter.read(text).data
    ):
        return None
    edit = Edit(meta.start, meta.end, new)
    return Fix("order the keys", (edit,))


def _with_comments(text: str, start: int) -> int:
    """Where a key begins with the comment lines above it."""
    while (line := text.rfind("\n", 0, start - 1) + 1) < start - 1:
        if not text[line : start - 1].lstrip().startswith("#"):
            break
        start = line
    return start
