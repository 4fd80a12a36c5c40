"""The first hour's queries for one incident: filled in, run by the team's own tool, and kept.

`identifiers`: names as SQL; `tables`: an asset's table as dbt knows it; `plan`: which queries, and
which not and why; `files`: the SQL next to the postmortem; `read_only` and `results`: what may run,
and what may come back; `runner`: the team's dbt or SQLMesh; `findings`: results in words;
`evidence`: what the postmortem keeps.
"""
