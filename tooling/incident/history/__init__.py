"""What the archive knows of an asset, of a change, and of a failing run: `incident history`.

`past`: the incidents, remembered between runs. `asset`: one asset. `changes`, `touched` and
`relevance`: a change in a dbt project, and which incidents matter for it. `seen_before`: failing
checks. The other modules render what these find; everything rendered is safe where it is shown.
"""
