"""Action items as issues: what should be, what is, the steps between, and taking them.

`plan`, `follow_up` and `chase` are pure. `client` is the only place that knows PyGithub; `ndjson`
keeps issues in a file. Both are an `IssueTracker`.
"""
