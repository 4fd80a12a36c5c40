"""What the workflows of `incident init` install: the source of this copy, or nothing."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from incident import __version__
from incident.drafts import installed_from
from incident.errors import UsageError
from support import CHECKOUT, run

COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = "ab" * 32
GIT = {"vcs_info": {"vcs": "git", "commit_id": COMMIT}}


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pretend that the installer left this in direct_url.json; None: it left none."""

    class Distribution:
        def __init__(self, text: str | None) -> None:
            self.text = text

        def read_text(self, name: str) -> str | None:
            assert name == "direct_url.json"
            return self.text

    def pretend(data: object) -> None:
        text = data if isinstance(data, str | None) else json.dumps(data)
        monkeypatch.setattr(importlib.metadata, "distribution", lambda _: Distribution(text))

    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    return pretend


def steps(root: Path) -> list[dict[str, Any]]:
    """Every step of a workflow that installs something."""
    return [
        step
        for path in sorted((root / ".github" / "workflows").glob("*.yml"))
        for job in yaml.safe_load(path.read_text())["jobs"].values()
        for step in job["steps"]
        if "pip install" in step.get("run", "")
    ]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (
            {"url": "https://host.example/o/d.git", **GIT},
            f"git+https://host.example/o/d.git@{COMMIT}",
        ),
        ({"url": "ssh://git@host.example/o/d", **GIT}, f"git+ssh://git@host.example/o/d@{COMMIT}"),
        ({"url": "https://me:pw@host.example/d", **GIT}, f"git+https://host.example/d@{COMMIT}"),
        (
            {
                "url": "https://host.example/d-1.whl",
                "archive_info": {"hashes": {"sha256": DIGEST}},
            },
            f"https://host.example/d-1.whl#sha256={DIGEST}",
        ),
        (
            {"url": "https://host.example/d.zip", "archive_info": {"hash": f"sha256={DIGEST}"}},
            f"https://host.example/d.zip#sha256={DIGEST}",
        ),
    ],
)
def test_workflows_install_what_this_copy_was_installed_from(
    data: dict[str, Any], wanted: str, record: Any, tmp_path: Path
) -> None:
    record(data)
    result = run("init", tmp_path)
    assert f"workflows install incident-docs[site] @ {wanted}" in result.stderr
    assert len(steps(tmp_path)) == 6
    for step in steps(tmp_path):
        expression = f"${{{{ vars.INCIDENT_DOCS || 'incident-docs[site] @ {wanted}' }}}}"
        assert step["env"] == {"INCIDENT_DOCS": expression}
    assert "pw@" not in "".join(p.read_text() for p in tmp_path.rglob("*.yml"))


def test_a_release_is_installed_from_the_index_it_was_published_to(
    record: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(None)
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:pw@packages.example/simple")
    result = run("init", tmp_path)
    assert (
        f"incident-docs[site]=={__version__} from https://packages.example/simple" in result.stderr
    )
    for step in steps(tmp_path):
        assert step["env"]["PIP_INDEX_URL"] == "https://packages.example/simple"
        assert f"'incident-docs[site]=={__version__}'" in step["env"]["INCIDENT_DOCS"]


UNKNOWN = {
    "a folder": {"url": "file:///home/d", "dir_info": {}},
    "an editable copy": {"url": "file:///home/d", "dir_info": {"editable": True}},
    "a wheel on this machine": {
        "url": "file:///d.whl",
        "archive_info": {"hashes": {"sha256": DIGEST}},
    },
    "a repository on this machine": {"url": "file:///home/d", **GIT},
    "a server on this machine": {"url": "http://localhost:8000/d", **GIT},
    "an archive without a hash": {"url": "https://host.example/d.whl", "archive_info": {}},
    "a branch": {
        "url": "https://host.example/d",
        "vcs_info": {"vcs": "git", "commit_id": "main"},
    },
    "another system": {
        "url": "https://host.example/d",
        "vcs_info": {"vcs": "hg", "commit_id": COMMIT},
    },
    "an address that would be code": {"url": "https://host.example/d'}}$(id)", **GIT},
    "an address in two lines": {"url": "https://host.example/d\n- run: id", **GIT},
    "a part of a repository": {"url": "https://host.example/d", "subdirectory": "x", **GIT},
    "no JSON": "{",
    "another type": [1],
    "an index that nobody named": None,
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_an_unknown_origin_installs_nothing_and_fails_the_job(
    kind: str, record: Any, tmp_path: Path
) -> None:
    record(UNKNOWN[kind])
    result = run("init", tmp_path, "--editor")
    assert result.exit_code == 0
    assert "workflows cannot install incident-docs yet: " in result.stderr
    assert "set the repository variable INCIDENT_DOCS" in result.stderr
    for step in steps(tmp_path):
        assert step["env"] == {"INCIDENT_DOCS": "${{ vars.INCIDENT_DOCS }}"}
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            env={"PATH": os.environ["PATH"], "INCIDENT_DOCS": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert "set the repository variable INCIDENT_DOCS" in done.stderr
    container = json.loads((tmp_path / ".devcontainer" / "devcontainer.json").read_text())
    assert "pip install" not in container["postCreateCommand"]
    written = "".join(p.read_text() for p in tmp_path.rglob("*") if p.is_file())
    assert "file://" not in written and "incident-docs[site]==" not in written


@pytest.mark.parametrize("host", installed_from.PUBLIC)
def test_a_name_that_is_not_ours_on_a_public_index_is_not_installed(host: str, record: Any) -> None:
    index = f"https://{host}/simple"
    record(None)
    assert installed_from.INDEX == ""  # no release yet
    assert not installed_from.recorded({"PIP_INDEX_URL": index}).requirement("site")


def test_the_source_can_be_set(record: Any, tmp_path: Path) -> None:
    record({"url": "file:///home/d", "dir_info": {}})
    source = f"git+https://host.example/o/d@{COMMIT}"
    result = run("init", tmp_path, "--install-from", source)
    assert f"workflows install incident-docs[site] @ {source}" in result.stderr
    assert source in steps(tmp_path)[0]["env"]["INCIDENT_DOCS"]


@pytest.mark.parametrize(
    "source",
    [
        "incident-docs",
        ".",
        "/home/d",
        "git+https://host.example/o/d",
        "git+https://host.example/o/d@main",
        f"git+file:///d@{COMMIT}",
        f"git+https://host.example/$(id)@{COMMIT}",
        "https://host.example/d.whl",
    ],
)
def test_a_source_must_be_remote_and_pinned(source: str, tmp_path: Path) -> None:
    result = run("init", tmp_path, "--install-from", source)
    assert result.exit_code == 2
    assert "give a commit" in result.stderr
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError):
        installed_from.named(source)


def test_the_action_builds_from_hashes_and_gives_its_token_to_one_step() -> None:
    action = yaml.safe_load((CHECKOUT / "action.yml").read_text())
    own = [step for step in action["runs"]["steps"] if "run" in step]
    with_token = [step for step in own if "inputs.token" in json.dumps(step)]
    assert [step["name"] for step in with_token] == ["Sync"]
    assert with_token[0]["if"] == "inputs.command == 'sync'"
    assert 'sh "$ACTION/.github/install.sh"' in [step["run"] for step in own]
    install = (CHECKOUT / ".github" / "install.sh").read_text()
    for line in re.split(r"\n(?=\S)", install.replace("\\\n", " ")):
        if "install --" in line:
            assert "--require-hashes" in line or "--no-deps --no-build-isolation" in re.sub(
                r"\s+", " ", line
            )
    assert "requirements/build.txt" in install
    assert re.match(r"hatchling==", (CHECKOUT / "requirements" / "build.txt").read_text())
