"""The resolution describes how the data was fixed and verified.

A data incident isn't over when the code is fixed: yesterday's partitions are still wrong, and
exports are already out there. Describe what was rebuilt, restored or left as it is, and what the
result was compared with.

## Fails

```markdown
## Resolution and data repair

The change was reverted by on call and the pipeline was green again after a few minutes.
```

```markdown
## Resolution and data repair

The partition of May 14 was rebuilt with the old filter.
```

## Passes

```markdown
## Resolution and data repair

The partition was rebuilt with the old filter, and its sum agreed with the shop's report.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._sections import is_empty
from incident.text.lazy_regex import lazy

_CORRECTED = lazy(
    r"\b(?:back-?fill|re-?(?:built|build|ran|run|load|process|comput|creat|stor|calculat|generat|"
    r"play|import|export|ingest|sync|fresh|publish|pair|set)|corrected|correction|repaired|"
    r"overwr|updated|replaced|deleted|removed|deduplicat|de-?dup|truncat|merged|recover|patched|"
    r"full[- ]refresh|caught up|arrived|stayed|left as|no data (?:was|had|needed)|"
    r"nothing (?:was|had|needed)|dropped|filled|migrated|rolled back|loaded|anew|(?:sent|run|written|made)\s+again)",  # codespell:ignore anew
    re.IGNORECASE,
)
_CHECKED = lazy(
    r"\b(?:verif|validat|check|compar|reconcil|agree|match|equal|test|assert|count|sum\b|diff|"
    r"confirm|identical|the same|audit|sampled|green|passed|no difference|unchanged|tall(?:y|ied))",
    re.IGNORECASE,
)


@rule(code="INC212", level=Level.WARNING, since="0.1.0", since_status="published", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report resolutions without the repair or its verification."""
    document = context.document
    section = document.by_key.get("resolution")
    if section is None or is_empty(document, section):
        return
    text = document.blocks[section.heading_end : section.end]
    at = (section.start, section.heading_end)
    if not _CORRECTED().search(text):
        fact = f'section "{section.title}" does not describe how the data was fixed'
        hint = "describe what was rebuilt, restored or left as it is, for which days"
        yield Finding(*at, fact, hint)
    elif not _CHECKED().search(text):
        fact = f'section "{section.title}" does not describe how the fix was verified'
        yield Finding(*at, fact, "describe what the result was compared with, and the outcome")
