"""This project's own files, adapted to another repository."""

from __future__ import annotations

import json

from incident.drafts.installed_from import Origin
from incident.drafts.surroundings import RUNNER, SITE, Surroundings
from incident.postmortem import edit
from incident.repository import resources

EXAMPLE = resources.EXAMPLE
CONFIGURATION = "templates/init/incident.toml"

_SETUP = "run: make setup"
ASK = "incident-docs[site] @ git+https://HOST/OWNER/incident-docs@COMMIT"
# the message appears in the log of a job that does not know what to install
_WHAT = f'"${{INCIDENT_DOCS:?set the repository variable INCIDENT_DOCS, e.g. to {ASK}}}"'
_FROM = """
        env: # where incident-docs comes from; the repository variable wins
          INCIDENT_DOCS: ${{ vars.INCIDENT_DOCS%s }}"""
# copying the example must not create a drill
_NO_INCIDENT = "drill: true  # an example, excluded from lists and metrics; delete it when you like"
_TEAM = "data-team"
_WIKI_STEPS = ("Build the wiki", "Upload the wiki")


def adapted(source: str, around: Surroundings, origin: Origin) -> str:
    """The text of `source` for the repository `around`; its workflows install `origin`.

    Our workflows refer to the project folder as `./` and to its archive as `incidents/`, and
    install in one line.
    """
    text = (resources.root() / source).read_text(encoding="utf-8")
    archive = around.config.archive
    if source.startswith(".github/"):
        return _workflow(text, around, origin)
    if source.startswith(".devcontainer/"):
        return text.replace("make setup", _container_setup(origin))
    if source.startswith(".agents/"):
        return text.replace("incidents/<year>", f"{archive}/<year>")
    if source == "mkdocs.yml":
        place = f"docs_dir: {edit.render(archive)}"
        if around.site != SITE:
            place += f"\nsite_dir: {around.site} # {SITE}/ is yours"
        return text.replace("docs_dir: incidents", place)
    if source.endswith(".gitignore"):
        return text.replace(f"/{SITE}/", f"/{around.site}/")
    if source == EXAMPLE:
        return _example(text, around.team or _TEAM)
    if source == CONFIGURATION:
        return _configuration(text, around)
    return text


def _workflow(text: str, around: Surroundings, origin: Origin) -> str:
    text = text.replace("./site/", f"./{around.site}/")
    text = text.replace(_SETUP, _installation(origin, around)).replace("./", f"./{around.prefix}")
    text = text.replace('"incidents/**"', f'"{around.archive}/**"')
    text = text.replace("branches: [main]", f"branches: [{edit.render(around.branch.name)}]")
    text = text.replace(f"runs-on: {RUNNER}\n", f"runs-on: {around.runner}\n")
    if around.has_own_wiki:  # their own workflow knows what their pages need
        text = _without_steps(text, _WIKI_STEPS)
    return text


def _without_steps(text: str, names: tuple[str, ...]) -> str:
    """A workflow without the steps of these names."""
    mark = "      - name: "
    first, *steps = text.split(mark)
    return first + "".join(mark + one for one in steps if not one.startswith(names))


def _installation(origin: Origin, around: Surroundings) -> str:
    """The last lines of a workflow step: what to install, or why the step fails."""
    used = around.packages
    if used.is_locked:
        path = f'dirname "$({used.manager.run} which incident)" >>"$GITHUB_PATH"'
        return _run([*used.manager.sync, path])
    requirement = origin.requirement("site")
    text = _run([line.format(_WHAT) for line in used.manager.install])
    text += _FROM % (f" || '{requirement}'" if requirement else "")
    if not origin.index:
        return text
    names = (
        ("PIP_INDEX_URL", "UV_DEFAULT_INDEX") if used.manager.name == "uv" else ("PIP_INDEX_URL",)
    )
    return text + "".join(f"\n          {name}: {origin.index}" for name in names)


def _run(lines: list[str]) -> str:
    if len(lines) == 1:
        return f"run: {lines[0]}"
    return "run: |" + "".join(f"\n          {line}" for line in lines)


def _container_setup(origin: Origin) -> str:
    """The setup command of a dev container, for JSON."""
    index = f"--index-url {origin.index} " if origin.index else ""
    if requirement := origin.requirement("site,lsp"):
        return f"pip install {index}'{requirement}'"
    return f"echo 'Install incident-docs manually, e.g. from {ASK}' >&2; exit 1"


def _example(text: str, team: str) -> str:
    """The example in the words of any team: it names no asset or team that others do not have."""
    text = text.replace("dbt:exposure.tidewater.weekly_merchandising_report", _REPORT)
    text = text.replace("analytics-engineering", team).replace("/tidewater/", "/your-org/")
    return text.replace("\ntags:", f"\n{_NO_INCIDENT}\ntags:", 1)


_REPORT = "dashboard:weekly-merchandising-report"


def _configuration(text: str, around: Surroundings) -> str:
    archive = json.dumps(around.config.archive, ensure_ascii=False)
    text = text.replace('"incidents"', archive)
    if around.dbt_manifest:
        manifest = json.dumps(around.dbt_manifest, ensure_ascii=False)
        text = text.replace(archive, f"{archive}\ndbt_manifest = {manifest}", 1)
    if around.wiki and around.wiki.site_url:
        address = json.dumps(around.wiki.site_url)
        is_live = around.wiki.has_us
        old = '# wiki_url = "https://wiki.example.com"'
        text = text.replace(old, f"{'' if is_live else '# '}wiki_url = {address}")
    return text
