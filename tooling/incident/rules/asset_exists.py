"""A referenced dbt asset exists.

Checked only if `dbt_manifest` is configured. A reference unknown to dbt joins nothing: the asset's
page stays empty, and anyone asking "can I trust this table?" reads that nothing ever happened.
After a rename, use the new name, or the old one with `table:`.

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
from incident.repository import config
from incident.rules import Context, Finding, rule
from incident.text.values import mapping


@rule(code="INC502", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report dbt references that are missing from the manifest."""
    known = dbt.configured_manifest(context.config.root, context.config.dbt_manifest)
    assets = context.document.get("impact", "assets")
    if known is None or not isinstance(assets, list):
        return
    for index, asset in enumerate(assets):
        ref = mapping(asset).get("ref")
        if isinstance(ref, str) and ref.startswith("dbt:") and not known.has(ref):
            at = context.document.at("impact", "assets", index, "ref")
            kind = ref.removeprefix("dbt:").partition(".")[0]
            same = [one for one in known.ids if one.startswith(f"{kind}.")]
            hint = config.did_you_mean(ref.removeprefix("dbt:"), same)
            hint = hint if hint.startswith("did") else "correct it, or rerun `dbt parse`"
            several = Several(
                "{} assets are not in the dbt manifest", ref, "correct them, or rerun `dbt parse`"
            )
            yield Finding(*at, f"{ref} is not in the dbt manifest", hint, several=several)
