"""Action items as issues: desired state, actual state, the plan between them, and applying it.

`plan`, `follow_up` and `chase` are pure. `trackers/github` is the only user of PyGithub;
`trackers/file` keeps issues in a file. Both implement `IssueTracker`.
"""
