"""How git is called: never by a configuration that a pull request brought along.

Files named HEAD, config, objects/ and refs/ make any folder a repository to git, and its
configuration names programs that git runs. Only what lies in `.git`, which cannot be committed, or
what a person names with GIT_DIR, is one here.
"""

from __future__ import annotations

GIT = ("git", "-c", "safe.bareRepository=explicit")
