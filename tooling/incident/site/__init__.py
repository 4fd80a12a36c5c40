"""The wiki: an adapter between MkDocs and the pages that `reports` makes.

`plugin` is MkDocs' view of it: one short method for each event. `build` holds what one build knows,
`contents` what the site consists of, `reuse` what of the last build may stay
(docs/wiki-builds.md). No other package knows MkDocs.
"""
