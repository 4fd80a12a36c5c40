"""Redacted text appears nowhere else in the public edition.

A name hidden in one sentence is public if the next sentence, a tag or another public postmortem
contains it. In that case the public edition is not built; this rule reports it earlier, in the pull
request, on the line. The rule reads the sources; the build also searches every file of the site.

If the string is harmless elsewhere because it is also an ordinary word, allow it once, in the file
that redacts it: `redact_except: ["marketing"]`.

## Fails

```archive
confidentiality: public
redact: [impact.consumers]
observers: []
impact: {summary: "quillfeather-guild saw revenue 18% low.", consumers: [{team: quillfeather-guild, use: "forecast"}]}
```

## Passes

```archive
confidentiality: public
redact: [impact.consumers]
observers: []
impact: {summary: "One team saw revenue 18% low.", consumers: [{team: quillfeather-guild, use: "forecast"}]}
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import ArchiveContext, ArchiveFinding, archive_rule
from incident.rules._importance import Importance


@archive_rule(code="INC606", level=Level.ERROR, since="0.1.0", importance=Importance.LEAK)
def check(whole: ArchiveContext) -> Iterator[ArchiveFinding]:
    """Report redacted strings that reappear in public postmortems."""
    public = {path for path, one in whole.by_path.items() if one.confidentiality == "public"}
    if not public:
        return
    from incident import archive
    from incident.archive import leaks, public_edition

    made = public_edition.sound(archive.load(whole.config), whole.config)
    shown = {file: path for path, file in made.names.items()}
    for leak in leaks.find(made):
        if leak.path in public:
            secret = leak.secret
            yield ArchiveFinding(
                leak.path,
                made.sources[shown[leak.path]].span(leak.start, leak.end),
                f'"{secret.text}" is redacted in {secret.path}:{secret.line} ({secret.where})',
                leaks.WAYS_OUT,
            )
