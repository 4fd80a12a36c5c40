"""The text contains no passwords, tokens or keys.

Evidence is pasted in a hurry: a connection string, a curl command with its header, a debug log.
Anyone who can read the archive can use the secret, and git keeps it after it is deleted. Revoke it
first, then remove it.

detect-secrets checks suspicious lines (21 of its detectors, but not the entropy-based ones, because
hashes are evidence). The message never repeats the secret.

## Fails

```markdown
## Supporting evidence

The load connected with postgres://loader:s3cr3t-Tide@warehouse.example.com/shop
```

## Passes

```markdown
## Supporting evidence

The load connected with postgres://loader:$PASSWORD@warehouse.example.com/shop; the token was
rotated, see a3f1c2e9d4b5a6978877665544332211ffeeddcc.
```
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._importance import Importance
from incident.text.lazy_regex import lazy

if TYPE_CHECKING:
    from detect_secrets.core.potential_secret import PotentialSecret

# Signs of a secret. Only these lines go to detect-secrets, which is slow to import.
_SIGN = lazy(
    r"AKIA|ASIA|gh[pousr]_|github_pat|glpat|xox[abprs]-|-----BEGIN|eyJ|[sr]k_live|SG\.|npm_|"
    r"pypi-|\bsk-|://[^\s/@]+:[^\s/@]+@|AccountKey=|\bAC[0-9a-f]{32}|\d{8,}:[A-Za-z0-9_-]{30}|"
    r"(?i:passw(?:or)?d|\bpwd|secret|token|api_?-?key|auth)[\w\"' ]{0,12}[=:]",
)
# every line with a sign has one of these, which is cheaper to check
_CHEAP = (
    *("akia", "asia", "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat", "glpat", "xox", "eyj"),
    *("-----begin", "k_live", "sg.", "npm_", "pypi-", " sk-", "=sk-", '"sk-', "'sk-", "accountkey"),
    *("passw", "pwd", "secret", "token", "apikey", "api_key", "api-key", "auth", ":aa"),
    *("ac0", "ac1", "ac2", "ac3", "ac4", "ac5", "ac6", "ac7", "ac8", "ac9"),
)
_PLUGINS = """
    AWSKeyDetector AzureStorageKeyDetector BasicAuthDetector CloudantDetector
    DiscordBotTokenDetector GitHubTokenDetector GitLabTokenDetector IbmCloudIamDetector
    JwtTokenDetector KeywordDetector MailchimpDetector NpmDetector OpenAIDetector
    PrivateKeyDetector PypiTokenDetector SendGridDetector SlackDetector SquareOAuthDetector
    StripeDetector TelegramBotTokenDetector TwilioKeyDetector
"""
_VARIABLE = lazy(r"[$<{%*]|\bxxx|\.\.\.|\u2026|redacted|example|changeme", re.IGNORECASE)
_HINT = "revoke it now, then remove it from the text and from the git history"


@rule(code="INC506", level=Level.ERROR, since="0.1.0", body_only=True, importance=Importance.LEAK)
def check(context: Context) -> Iterator[Finding]:
    """Report secrets by their kind."""
    text = context.document.text
    lowered = context.document.lowered
    signs = [sign for sign in _CHEAP if sign in lowered]
    if "://" in lowered and "@" in lowered:
        signs.append("@")
    if not signs:
        return
    if len(lowered) != len(text):
        lowered = text  # a few letters have a lower case of two characters
        signs = [""]
    for start, end, secrets in _scan(text, list(_lines(text, lowered, signs))):
        for kind, value in secrets:
            at = text.find(value, start, end)
            at, stop = (at, at + len(value)) if value and at >= 0 else (start, end)
            if not _VARIABLE().search(text, at, stop):
                guess = Level.WARNING if kind == "secret keyword" else None
                fact = f"this looks like a secret ({kind})"
                several = Several("{} words look like secrets", kind)
                yield Finding(at, stop, fact, _HINT, guess, several=several)


def _lines(text: str, lowered: str, cheap: list[str]) -> Iterator[tuple[int, int]]:
    """The lines that have a sign, of those with a cheap one."""
    lines = set()
    for sign in cheap:
        at = lowered.find(sign)
        while at >= 0:
            end = text.find("\n", at)
            end = end if end >= 0 else len(text)
            lines.add((text.rfind("\n", 0, at) + 1, end))
            at = lowered.find(sign, end + 1)
    yield from (line for line in sorted(lines) if _SIGN().search(text, *line))


def _scan(
    text: str, lines: list[tuple[int, int]]
) -> Iterator[tuple[int, int, list[tuple[str, str]]]]:
    """Kind and value of each secret in some lines."""
    for start, end in lines:
        found = _scanner()(text[start:end][:4000])
        yield start, end, sorted({(s.type.lower(), s.secret_value or "") for s in found})


@cache
def _scanner() -> Callable[[str], Iterator[PotentialSecret]]:
    """The function of detect-secrets that scans a line, with our plugins."""
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import get_settings

    get_settings().configure_plugins([{"name": name} for name in _PLUGINS.split()])
    return scan_line
