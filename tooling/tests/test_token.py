"""The token goes to GitHub and to nobody else, whatever a remote, a redirect or a branch says."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_support import Item, document
from incident.actions.tracker import LABEL, Change, Draft
from incident.actions.trackers import _github_place
from incident.actions.trackers.github import GitHub
from incident.errors import IncidentError, UsageError
from incident.git import branch
from support import git_init, run

GITHUB = "https://api.github.com"
HERE = "git.example.com"
SECRET = "ghp_secret_for_github_com"


def with_origin(root: Path, address: str) -> Path:
    git_init(root)
    subprocess.run(["git", "remote", "add", "origin", "--", address], cwd=root, check=True)
    return root


@pytest.mark.parametrize(
    "address",
    [
        "git@github.com:tidewater/warehouse.git",
        "git@GitHub.com:tidewater/warehouse",
        "github.com:tidewater/warehouse.git",
        "git@github.com:/tidewater/warehouse.git",
        "https://github.com/tidewater/warehouse",
        "https://github.com/tidewater/warehouse.git/",
        "https://GITHUB.COM/tidewater/warehouse.git",
        "https://www.github.com/tidewater/warehouse",
        "https://github.com./tidewater/warehouse",
        "https://github.com:443/tidewater/warehouse.git",
        "https://x-access-token:abc@github.com/tidewater/warehouse.git",
        "ssh://git@github.com/tidewater/warehouse.git",
        "ssh://git@github.com:22/tidewater/warehouse.git",
        "ssh://git@ssh.github.com:443/tidewater/warehouse.git",
        "git@ssh.github.com:tidewater/warehouse.git",
        "git+ssh://git@github.com/tidewater/warehouse.git",
        "git://github.com/tidewater/warehouse.git",
    ],
)
def test_every_way_to_write_github(tmp_path: Path, address: str) -> None:
    found = _github_place.place(None, "", with_origin(tmp_path, address), {})
    assert (found.repository, found.api) == ("tidewater/warehouse", GITHUB)
    assert found.web == "https://github.com"
    assert _github_place.token(found, {"GITHUB_TOKEN": SECRET}) == SECRET


OTHERS = [
    "https://localhost/tidewater/warehouse.git",
    "https://gitlab.example.com/tidewater/warehouse.git",
    "https://github.com.example.com/tidewater/warehouse",
    "https://example.com/github.com/warehouse",
    "https://github.com@example.com/tidewater/warehouse",
    "https://github.com%2eexample.com/tidewater/warehouse",
    "https://github.com\\@example.com/tidewater/warehouse",
    "https://example.com#@github.com/tidewater/warehouse",
    "https://example.com?@github.com/tidewater/warehouse",
    "https://api.github.com.example.com/tidewater/warehouse",
    "https://notgithub.com/tidewater/warehouse",
    "https://github.co/tidewater/warehouse",
    "https://g\u0456thub.com/tidewater/warehouse",
    "https://[::1]/tidewater/warehouse",
    "https://github.com:x/tidewater/warehouse",
    "git@example.com:tidewater/warehouse.git",
    "ssh://git@example.com:443/tidewater/warehouse.git",
    "git@unknown-alias:tidewater/warehouse.git",
    "ssh://-oProxyCommand=touch%20x/tidewater/warehouse",
    "acme.ghe.com:tidewater/warehouse.git",
    "https://github.com/..",
    "https://github.com/tidewater/..",
    "/srv/git/tidewater/warehouse.git",
    "ftp://github.com/tidewater/warehouse",
]


@pytest.mark.parametrize("address", OTHERS)
def test_any_other_host_gets_a_message_and_no_token(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError) as refused:
        _github_place.place(None, "", with_origin(tmp_path, address), {"GITHUB_TOKEN": SECRET})
    assert "--tracker" in refused.value.hint
    assert "abc@" not in str(refused.value)


@pytest.mark.parametrize("address", OTHERS)
@pytest.mark.parametrize("name", ["tidewater/warehouse", "acme/other"])
def test_a_repository_that_is_named_is_on_github(tmp_path: Path, address: str, name: str) -> None:
    root = with_origin(tmp_path, address)
    assert _github_place.place(name, "", root, {}).api == GITHUB
    assert _github_place.place(None, "", root, {"GITHUB_REPOSITORY": name}).api == GITHUB
    assert _github_place.place(name, HERE, root, {}).api == GITHUB


@given(st.text(max_size=60))
def test_no_address_is_taken_for_github_but_those_of_github(text: str) -> None:
    for address in (text, f"https://{text}/tidewater/warehouse", f"git@{text}:tidewater/warehouse"):
        found = _github_place.parse(address)
        assert found is None or found.host in address.casefold() or found.host == "github.com"


@given(st.text(alphabet="abcd.-@:/\\#?%", min_size=1, max_size=12))
def test_lookalikes_of_github_com_are_other_hosts(noise: str) -> None:
    for host in (f"github.com{noise}", f"{noise}github.com"):
        found = _github_place.parse(f"https://{host}.example/tidewater/warehouse")
        assert found is None or found.host.endswith(".example")


def test_the_host_of_the_configuration_gets_a_token_of_its_own(tmp_path: Path) -> None:
    root = with_origin(tmp_path, f"ssh://git@{HERE}:2222/tidewater/warehouse.git")
    found = _github_place.place(None, HERE.upper(), root, {})
    assert (found.repository, found.api) == ("tidewater/warehouse", f"https://{HERE}/api/v3")
    with pytest.raises(UsageError, match="GH_ENTERPRISE_TOKEN is not set"):
        _github_place.token(found, {"GITHUB_TOKEN": SECRET, "GH_TOKEN": SECRET})
    assert _github_place.token(found, {"GH_ENTERPRISE_TOKEN": "x"}) == "x"


def test_a_configuration_alone_sends_nothing_anywhere(tmp_path: Path) -> None:
    """A branch may change the configuration; the remote is the clone's."""
    root = with_origin(tmp_path, "git@github.com:tidewater/warehouse.git")
    for name in (None, "tidewater/warehouse"):
        assert _github_place.place(name, "example.com", root, {}).api == GITHUB


@pytest.mark.parametrize(
    ("environment", "origin", "expected"),
    [
        ({"GITHUB_API_URL": GITHUB}, "git@github.com:a/b", "a/b https://api.github.com"),
        (
            {"GITHUB_API_URL": f"https://{HERE}/api/v3/"},
            f"git@{HERE}:a/b.c",
            f"a/b.c https://{HERE}/api/v3",
        ),
        (
            {
                "GITHUB_API_URL": "https://api.acme.ghe.com",
                "GITHUB_SERVER_URL": "https://acme.ghe.com",
            },
            "https://acme.ghe.com/a/b",
            "a/b https://api.acme.ghe.com",
        ),
        (
            {"GITHUB_API_URL": f"https://{HERE}/api/v3", "GITHUB_REPOSITORY": "c/d"},
            "git@example.com:a/b",
            f"c/d https://{HERE}/api/v3",
        ),
        ({"GITHUB_REPOSITORY": "c/d"}, "git@github.com:a/b.git", "c/d https://api.github.com"),
        (
            {"GITHUB_REPOSITORY": "c/d", "GITHUB_SERVER_URL": "https://github.com"},
            "",
            "c/d https://api.github.com",
        ),
    ],
)
def test_what_the_environment_says(
    tmp_path: Path, environment: dict[str, str], origin: str, expected: str
) -> None:
    root = with_origin(tmp_path, origin) if origin else tmp_path
    found = _github_place.place(None, "", root, environment)
    assert f"{found.repository} {found.api}" == expected


@pytest.mark.parametrize(
    ("option", "environment", "message"),
    [
        (None, {}, "no GitHub repository given"),
        ("warehouse", {}, "'warehouse' is not OWNER/NAME"),
        ("a/..", {}, "'a/..' is not OWNER/NAME"),
        ("a/b", {"GITHUB_API_URL": f"http://{HERE}"}, "without TLS"),
        ("a/b", {"GITHUB_API_URL": HERE}, "invalid GITHUB_API_URL"),
        ("a/b", {"GITHUB_SERVER_URL": "https://example.com"}, "GITHUB_SERVER_URL is"),
        (
            "a/b",
            {"GITHUB_API_URL": GITHUB, "GITHUB_SERVER_URL": "https://example.com"},
            "GITHUB_SERVER_URL is",
        ),
    ],
)
def test_invalid_repositories_and_servers_are_refused(
    tmp_path: Path, option: str | None, environment: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        _github_place.place(option, "", tmp_path, environment)


@pytest.mark.parametrize(
    ("answer", "alias", "host"),
    [
        ("hostname github.com", "work", "github.com"),
        ("hostname ssh.github.com\nport 443", "personal", "github.com"),
        ("hostname github.com", "github.com-work", "github.com"),
        ("hostname example.com", "github", "example.com"),
        ("hostname github", "github", "github"),
    ],
)
def test_an_alias_of_ssh_is_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, alias: str, host: str
) -> None:
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$3" = {alias} ] && printf "user git\\n{answer}\\n"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    (tmp_path / "r").mkdir()
    root = with_origin(tmp_path / "r", f"git@{alias}:tidewater/warehouse.git")
    if host == "github.com":
        assert _github_place.place(None, "", root, {}).api == GITHUB
    else:
        with pytest.raises(UsageError, match=f"is at {host}, which is not known"):
            _github_place.place(None, "", root, {})


def test_a_known_host_is_not_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its HostName may be a bastion's."""
    monkeypatch.setattr("incident.git.remote.ssh_host", lambda _alias: "bastion.example.com")
    root = with_origin(tmp_path, f"git@{HERE}:tidewater/warehouse.git")
    assert _github_place.place(None, HERE, root, {}).api == f"https://{HERE}/api/v3"


class Asked(NamedTuple):
    server: str
    verb: str
    path: str
    authorization: str | None


@contextmanager
def server(name: str, asked: list[Asked], status: int, location: str = "") -> Iterator[str]:
    """A server that notes what it is asked; with `location`, it sends everybody there."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            path = self.path.partition("?")[0]
            asked.append(Asked(name, self.command, path, self.headers["Authorization"]))
            self.send_response(status)
            if location:
                self.send_header("location", location.replace("PATH", self.path))
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        do_GET = do_POST = do_PATCH = do_PUT = handle_any  # noqa: N815

        def log_message(self, *_args: object) -> None:
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://localhost:{made.server_port}"
    finally:
        made.shutdown()
        made.server_close()


CALLS: list[Any] = [
    lambda one: one.issues(),
    lambda one: one.changed_since(None),
    lambda one: one.issue(1),
    lambda one: one.create(Draft("Title", "Body", (LABEL,))),
    lambda one: one.update(1, Change(title="New")),
    lambda one: one.comment(1, "Text"),
    lambda one: one.closed_by(1),
    lambda one: one.is_proposed("b", "c"),
    lambda one: one.propose("b", "main", "t", "text"),
    lambda one: one.withdraw("b", "text"),
]


@pytest.mark.slow
@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("form", ["{}PATH", "{}/repos/a/b/issues", "{}", "//{}PATH"])
def test_redirects_never_get_the_token(status: int, host: str, form: str) -> None:
    asked: list[Asked] = []
    with server("other", asked, 200) as other:
        there = other.replace("localhost", host)
        there = form.format(there.removeprefix("http:") if form.startswith("//") else there)
        with server("github", asked, status, there.replace("////", "//")) as github:
            one = GitHub("tidewater/warehouse", SECRET, github, throttle=False)
            for call in CALLS:
                with suppress(IncidentError):
                    call(one)
    assert {one.server for one in asked} == {"github"}
    assert all(SECRET in str(one.authorization) for one in asked)


@pytest.mark.slow
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirected_pushes_never_send_the_token(tmp_path: Path, status: int) -> None:
    """Git itself follows the first redirect, and sends the header again with what it posts."""
    asked: list[Asked] = []
    with (
        server("other", asked, 200) as other,
        server("github", asked, status, f"{other.replace('localhost', '127.0.0.1')}PATH") as github,
    ):
        git_init(tmp_path)
        commit = ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q"]
        subprocess.run(["git", *commit, "--allow-empty", "-m", "x"], cwd=tmp_path, check=True)
        subprocess.run(
            ["git", "remote", "add", "origin", f"{github}/a/b"], cwd=tmp_path, check=True
        )
        to = branch.Push("x", environment=branch.with_token(github, SECRET))
        with pytest.raises(IncidentError):
            branch.reset(tmp_path, to)
        with pytest.raises(IncidentError):
            branch.push(tmp_path, {"a.md": "text"}, "message", to)
    assert {one.server for one in asked} == {"github"}


def test_pushes_run_no_repository_hooks(tmp_path: Path) -> None:
    """A repository may name its own folder of hooks, and the token is in the environment."""
    root, bare = tmp_path / "r", tmp_path / "bare.git"
    root.mkdir()
    git_init(root)
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    hook = root / ".hooks" / "pre-push"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nenv >stolen\n")
    hook.chmod(0o755)
    for words in (
        ["config", "core.hooksPath", ".hooks"],
        ["remote", "add", "origin", str(bare)],
        ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty"],
    ):
        more = ["-m", "x"] if "commit" in words else []
        subprocess.run(["git", *words, *more], cwd=root, check=True)
    branch.reset(root, branch.Push("x", environment=branch.with_token("https://github.com", "x")))
    assert not (root / "stolen").exists()


@pytest.mark.parametrize("verb", ["sync", "chase"])
def test_the_command_contacts_no_other_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    asked: list[Asked] = []
    with server("other", asked, 200) as other:
        root = with_origin(tmp_path, f"{other}/tidewater/warehouse.git")
        (root / "incident.toml").write_text("")
        path = root / "incidents" / "2026" / "2026-11-02-orders-late.md"
        path.parent.mkdir(parents=True)
        path.write_text(document(path.stem, [Item()]), encoding="utf-8")
        for name in ("GITHUB_REPOSITORY", "GITHUB_API_URL", "GITHUB_SERVER_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GITHUB_TOKEN", SECRET)
        monkeypatch.chdir(root)
        result = run("actions", verb, "--dry-run")
    assert result.exit_code == 2
    assert "the git remote `origin` is at localhost, which is not known" in result.stderr
    assert "--tracker FILE" in result.stderr
    assert asked == []
