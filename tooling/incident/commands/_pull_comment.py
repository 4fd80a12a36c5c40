"""Posting Markdown as the one comment of a pull or merge request, from a run in CI."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from incident.actions import pull_comment
from incident.actions.tracker import AccessDeniedError, RequestRejected
from incident.commands import Settings
from incident.errors import UsageError
from incident.review import base as bases

if TYPE_CHECKING:
    from incident.actions.trackers._gitlab_notes import GitLabNotes
    from incident.actions.trackers.github import GitHub

_NOTHING = "Nothing to report for the current changes."


def post(
    settings: Settings, name: str, place: str, text: str, *, host: str = "", is_dry: bool = False
) -> None:
    """Create or update the comment `name` of the folder `place`; says on stderr what was done.

    `text`: Markdown, "" for nothing to report. A token that can only read is not an error. Raises
    UsageError outside of a run on GitHub or GitLab, IncidentError if the server doesn't answer.
    """
    is_gitlab = os.environ.get("GITLAB_CI") == "true"
    if not is_gitlab and os.environ.get("GITHUB_ACTIONS") != "true":
        raise UsageError(
            "--comment needs a run of GitHub Actions or GitLab CI", "use --format markdown here"
        )
    number = bases.pull_number(os.environ)
    if number is None:
        settings.say("no comment: this run is not for a pull request")
        return
    if is_dry:
        settings.say(f"dry run: no comment on pull request {number}")
        return
    tracker = _gitlab(settings) if is_gitlab else _github(host)
    if tracker is None:
        return
    mark = pull_comment.marker(name, place)
    fitting = pull_comment.fitting(text, f"The rest did not fit: see {_run(os.environ)}.")
    try:
        done = pull_comment.put(tracker, number, mark, fitting, _NOTHING)
    except AccessDeniedError as error:
        why = error.hint
        if not is_gitlab:
            why = (
                "on a pull request from a fork or by Dependabot, the token can only read; "
                "elsewhere, give the job `pull-requests: write`"
            )
        settings.say(f"no comment: {error.message} ({why})")
        return
    except RequestRejected as error:
        if not error.message.startswith("403"):  # the conversation is locked
            raise
        settings.say(f"no comment: {error.message}")
        return
    for note in tracker.notes:
        settings.say(f"warning: {note}")
    sign = "!" if is_gitlab else "#"
    settings.say(f"comment {done} on {tracker.name}{sign}{number}" if done else "no comment needed")


def _github(host: str) -> GitHub:
    from incident.actions.trackers import Request, github  # PyGithub takes a while to import

    return github.open_tracker(Request("", False, Path.cwd(), None, os.environ, host))


def _gitlab(settings: Settings) -> GitLabNotes | None:
    from incident.actions.trackers._gitlab_notes import GitLabNotes

    token = os.environ.get("GITLAB_TOKEN", "")
    if not token:
        settings.say(
            "no comment: GITLAB_TOKEN is not set (GitLab gives protected variables to protected "
            "branches only, and none to forks)"
        )
        return None
    return GitLabNotes(os.environ, token)


def _run(environment: Mapping[str, str]) -> str:
    """The job summary, with a link if the run is known."""
    server = environment.get("GITHUB_SERVER_URL", "")
    repository = environment.get("GITHUB_REPOSITORY", "")
    run = environment.get("GITHUB_RUN_ID", "")
    if not (server and repository and run.isdigit()):
        return "the log of the job"
    return f"[the job summary](<{server}/{repository}/actions/runs/{run}>)"
