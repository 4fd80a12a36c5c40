"""The wiki: an adapter between MkDocs and the pages from `reports`.

`plugin` is the MkDocs entry point, one short method per event. `build` is the state of one build,
`contents` the contents of the site, `reuse` decides what to keep from the last build
(docs/wiki-builds.md). No other package uses MkDocs.
"""
