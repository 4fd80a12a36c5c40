"""The only reader of dbt's artifacts: `manifest.json`, `run_results.json`, `sources.json`.

`manifest`: nodes, their edges and owners; `results`: what a run gave; `lineage`: what is
downstream; `owner_names`: which team owns a node; `titles`: what people call a node.
"""
