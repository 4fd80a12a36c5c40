"""The dbt test that verifies an action item exists.

Checked only if `dbt_manifest` is configured. If a `done` item names a dbt test in `verified_by`
that is missing from the manifest, either the work was never finished or the test has since been
removed. In both cases the next incident of this kind won't be caught.

## Fails

```toml
dbt_manifest = "target/old-manifest.json"
```

## Passes

```toml
dbt_manifest = "target/manifest.json"
```
"""

from collections.abc import Iterator

from incident import dbt
from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule

_KINDS = ("dbt:test.", "dbt:unit_test.")


@rule(code="INC505", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report done items whose dbt test is missing."""
    known = dbt.configured_manifest(context.config.root, context.config.dbt_manifest)
    if known is None:
        return
    for item in context.postmortem.action_items:
        promised = item.verified_by
        if item.status == "done" and promised.startswith(_KINDS) and not known.has(promised):
            at = context.document.at("action_items", item.index, "verified_by")
            fact = f"action item {item.index + 1} is done, but {promised} is not in the manifest"
            hint = "add the test, correct its name, or reopen the item"
            several = Several(
                "{} action items are done, but their tests are not in the manifest", promised
            )
            yield Finding(*at, fact, hint, several=several)
