"""A check that was promised exists.

Asked where `dbt_manifest` is configured. A `done` item whose `verified_by` names a dbt test that
the manifest does not have was never finished, or its test was removed since: both are what this
archive is for. The next incident of this kind would not be caught.

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
from incident.diagnostic import Level
from incident.rules import Context, Finding, rule

_KINDS = ("dbt:test.", "dbt:unit_test.")


@rule(code="INC505", level=Level.ERROR, since="0.2.0")
def check(context: Context) -> Iterator[Finding]:
    """Report done items whose dbt test is not there."""
    known = dbt.configured_manifest(context.config.root, context.config.dbt_manifest)
    if known is None:
        return
    for item in context.postmortem.action_items:
        promised = item.verified_by
        if item.status == "done" and promised.startswith(_KINDS) and not known.has(promised):
            at = context.document.at("action_items", item.index, "verified_by")
            fact = f"action item {item.index + 1} is done, but {promised} is not in the manifest"
            yield Finding(*at, fact, "add the test, correct its name, or open the item again")
