"""The first hour's queries for one incident: filled in, run by the team's own tool, and kept.

`identifiers`: names as SQL; `tables`: an asset's table as dbt knows it; `plan`: which queries to
write, and why others are left out; `files`: the SQL next to the postmortem; `read_only`: what may
run; `target_check`: on which target; `runner`: the team's dbt or SQLMesh; `series` and `findings`:
results in words; `evidence`: what the postmortem keeps. `archive.query_results` decides what may
come back.
"""
