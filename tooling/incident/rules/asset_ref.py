"""A reference to an asset is well formed.

The wiki joins incidents by `ref`; to it, `orders`, `Orders` and `shop.orders` are three assets.
Start with the kind: `dbt:model.shop.orders` (a dbt unique id), `table:warehouse.schema.orders`,
`dashboard:daily-revenue`, `topic:orders`, `file:…`, or any other short word before a colon.

`impact.lineage` joins the assets of `impact.assets`; an edge to another asset would not be drawn.

## Fails

```yaml
impact:
  summary: "The revenue dashboard showed 82 where 100 was right, for one day"
  critical_use_case: true
  assets: [{ref: "Revenue table", role: root}]
  consumers: [{team: finance, use: "daily cash plan"}]
```

```yaml
impact:
  summary: "The revenue dashboard showed 82 where 100 was right, for one day"
  critical_use_case: true
  assets: [{ref: "dbt:revenue_clean", role: root}]
  consumers: [{team: finance, use: "daily cash plan"}]
```

```yaml
impact:
  summary: "The revenue dashboard showed 82 where 100 was right, for one day"
  critical_use_case: true
  assets: [{ref: "table:shop.orders", role: root}]
  lineage: [{upstream: "table:shop.orders", downstream: "table:shop.revenue"}]
  consumers: [{team: finance, use: "daily cash plan"}]
```

## Passes

```yaml
impact:
  summary: "The revenue dashboard showed 82 where 100 was right, for one day"
  critical_use_case: true
  assets: [{ref: "dbt:source.shop.raw.orders", role: root}, {ref: "dashboard:daily-revenue", role: exposure}]
  consumers: [{team: finance, use: "daily cash plan"}]
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.text.lazy_regex import lazy
from incident.text.values import mapping

_REF = lazy(r"[a-z][a-z0-9_-]{1,30}:\S(?:[^\n]*\S)?")
_DBT = lazy(
    r"dbt:(?:model|seed|snapshot|test|analysis|operation|exposure|metric|semantic_model|"
    r"saved_query|unit_test|macro)\.\w+\.[\w.-]+|dbt:source\.\w+\.[\w-]+\.[\w.-]+"
)


@rule(code="INC501", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report references without a kind, malformed dbt ids, and edges to assets not listed."""
    assets = context.document.get("impact", "assets")
    for index, asset in enumerate(assets if isinstance(assets, list) else []):
        ref = mapping(asset).get("ref")
        if not isinstance(ref, str) or not ref:
            continue
        at = context.document.at("impact", "assets", index, "ref")
        if not _REF().fullmatch(ref):
            hint = "start with the kind: `dbt:model.shop.orders`, `table:…`, `dashboard:…`"
            several = Several("{} assets have no kind", f'"{ref[:60]}"')
            yield Finding(*at, f'asset "{ref[:60]}" has no kind', hint, several=several)
        elif ref.startswith("dbt:") and not _DBT().fullmatch(ref):
            hint = "write it like `dbt:model.shop.orders`, `dbt:source.shop.raw.orders`"
            several = Several("{} assets are not dbt unique ids", f'"{ref[:60]}"')
            yield Finding(*at, f'"{ref[:60]}" is not a dbt unique id', hint, several=several)
    yield from _lineage(context)


def _lineage(context: Context) -> Iterator[Finding]:
    listed = {asset.ref for asset in context.postmortem.assets}
    edges = context.document.get("impact", "lineage")
    for index, edge in enumerate(edges if isinstance(edges, list) else []):
        for key in ("upstream", "downstream"):
            ref = mapping(edge).get(key)
            if isinstance(ref, str) and ref and ref not in listed:
                at = context.document.at("impact", "lineage", index, key)
                fact = f'`lineage` names "{ref[:60]}", which `impact.assets` does not list'
                hint = "add the asset, or remove the edge"
                several = Several("{} assets of `lineage` are not listed", f'"{ref[:60]}"')
                yield Finding(*at, fact, hint, Level.WARNING, several=several)
