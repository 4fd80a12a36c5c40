"""Writes: old text or new, whenever the process ends, with other writers and failing disks."""

from __future__ import annotations

import fcntl
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import kills
import scenes
from incident.archive import files
from incident.errors import IncidentError, UsageError
from incident.repository import atomic_files
from support import git_init, run


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(f"{atomic_files.PREFIX}*")]


def test_a_write_keeps_mode_line_ends_and_the_link(tmp_path: Path) -> None:
    git_init(tmp_path)
    (tmp_path / "a").mkdir()
    path, link = tmp_path / "a" / "x.md", tmp_path / "x.md"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\n")
    path.chmod(0o640)
    link.symlink_to("a/x.md")
    atomic_files.change(link, lambda text: text.replace("two", "three"))
    assert link.is_symlink()
    assert path.read_bytes() == b"\xef\xbb\xbfone\r\nthree\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert left(tmp_path) == []


@pytest.mark.parametrize("target", ["{}/outside/x.md", "../outside/x.md", ".git/hooks/x.md"])
@pytest.mark.parametrize("of", ["file", "folder"])
def test_a_link_that_leads_out_is_refused(tmp_path: Path, target: str, of: str) -> None:
    root = tmp_path / "repository"
    (root / "incidents").mkdir(parents=True)
    git_init(root)
    (tmp_path / "outside").mkdir()
    place = root / Path(target.format(tmp_path))
    place.write_text("old")
    if of == "file":
        path = root / "x.md"
        path.symlink_to(place)
    else:
        (root / "incidents" / "2025").symlink_to(place.parent)
        path = root / "incidents" / "2025" / "x.md"
    with pytest.raises(IncidentError, match="outside"):
        atomic_files.write_text(path, "new")
    with pytest.raises(IncidentError, match="outside"):
        atomic_files.append_text(path, "new")
    with pytest.raises(IncidentError, match="outside"):
        atomic_files.change(path, lambda _: "new")
    assert place.read_text() == "old"
    with pytest.raises(IncidentError):
        atomic_files.create_text(path, "new")
    assert place.read_text() == "old"


def test_what_somebody_names_outside_is_written(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    git_init(root)
    atomic_files.write_text(root / ".." / "x.json", "new")
    assert (tmp_path / "x.json").read_text() == "new"
    atomic_files.write_text(Path(os.devnull), "new")  # and a device stays one
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_name_that_is_taken_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("old")
    (tmp_path / "dangling.md").symlink_to("nowhere.md")
    for name in ("there.md", "dangling.md"):
        with pytest.raises(UsageError, match="already exists"):
            atomic_files.create_text(tmp_path / name, "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling.md", "there.md"]


def test_what_a_killed_process_left_is_no_postmortem_and_is_removed(tmp_path: Path) -> None:
    for name in (
        f"{atomic_files.PREFIX}ab{atomic_files.SUFFIX}",
        f"{atomic_files.PREFIX}cd{atomic_files.SUFFIX}",
    ):
        (tmp_path / name).write_text("half")
    assert list(files.postmortem_paths(tmp_path)) == []
    atomic_files.write_text(tmp_path / "x.md", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["x.md"]


def test_a_folder_that_stays_locked_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_files, "_PATIENCE", 2)
    held = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(IncidentError, match="has locked the folder"):
        atomic_files.write_text(tmp_path / "x.md", "new")
    os.close(held)
    assert list(tmp_path.iterdir()) == []


def test_the_text_is_on_the_disk_before_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("write", "fsync", "replace"):
        real = getattr(os, name)

        def called(*args: object, name: str = name, real: object = real) -> object:
            calls.append(name)
            return real(*args)  # type: ignore[operator]

        monkeypatch.setattr(os, name, called)
    atomic_files.write_text(tmp_path / "x.md", "new")
    assert calls == ["write", "fsync", "replace", "fsync"]


@pytest.mark.slow
def test_killed_at_every_boundary_the_old_text_or_the_new(tmp_path: Path) -> None:
    counted = kills.at_every_boundary(kills.WHOLLY, tmp_path)
    assert counted.kills > 20
    assert counted.old and counted.new
    assert counted.mixed == 0, counted.said


@pytest.mark.slow
def test_killed_at_some_boundaries_every_command_leaves_whole_files(tmp_path: Path) -> None:
    """`make kills` tries every boundary of every command."""
    for name, counted in kills.at_some_boundaries(tmp_path).items():
        assert counted.kills >= 4, name
        assert counted.mixed == 0, f"{name}: {counted.said}"


@pytest.mark.slow
def test_every_command_writes_in_that_one_way(tmp_path: Path) -> None:
    """Whatever is opened for writing in a repository is one of the temporary files."""
    for name, opened in kills.opened_for_writing(tmp_path).items():
        assert opened, name
        assert [path for path in opened if not path.name.startswith(atomic_files.PREFIX)] == [], (
            name
        )


@pytest.mark.parametrize(
    "name",
    ["timeline add", "timeline import", "resolve", "new --into", "lint --fix", "actions sync"],
)
def test_every_command_keeps_line_ends_and_the_mark_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    root = kills.laid_out(scenes.SCENES[name], tmp_path)
    path = root / scenes.PATH
    text = "\ufeff" + scenes.TEXT.replace("\r\n", "\n").replace("\n", "\r\n")
    path.write_text(text, newline="")
    monkeypatch.chdir(root)
    assert run(*scenes.SCENES[name].commands[-1]).exit_code == 0
    after = path.read_bytes().decode()
    assert after != text
    assert after.startswith("\ufeff---\r\n")
    assert "\n" not in after.replace("\r\n", "")


@pytest.mark.slow
@pytest.mark.parametrize("name", kills.TWICE)
def test_two_at_once_lose_nothing(name: str, tmp_path: Path) -> None:
    assert kills.two_at_once(name, tmp_path) == ""


FULL = """
import errno, os, resource, sys
from incident.commands import main
how, sys.argv = sys.argv[1], ["incident", *sys.argv[2:]]
if how == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
else:
    call, number = how.split()[0], getattr(errno, how.split()[1])
    def failing(*args):
        raise OSError(number, os.strerror(number))
    setattr(os, call, failing)
main()
"""


@pytest.mark.parametrize(
    ("how", "said", "name"),
    [
        ("limit", "File too large", "timeline add"),
        ("limit", "File too large", "new"),
        ("limit", "File too large", "export"),
        ("limit", "File too large", "actions sync"),
        ("write ENOSPC", "No space left on device", "timeline add"),
        ("fsync EIO", "Input/output error", "lint --fix"),
        ("replace EROFS", "Read-only file system", "export"),
    ],
)
def test_a_full_or_broken_disk_is_said_and_the_old_text_stays(
    tmp_path: Path, how: str, said: str, name: str
) -> None:
    scene = scenes.SCENES[name]
    root = kills.laid_out(scene, tmp_path)
    before = kills.state(root)
    done = subprocess.run(
        [sys.executable, "-c", FULL, how, *scene.commands[-1]],
        cwd=root,
        env=kills.environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert re.search(
        rf"^error: {re.escape(str(root))}/[^\n]*\w: {said}$", done.stderr, re.MULTILINE
    )
    assert atomic_files.PREFIX not in done.stderr
    assert left(root) == []
    assert "Traceback" not in done.stderr
    assert kills.state(root) == before


NOBODY = """
import ctypes, os, sys
from incident.commands import main
if os.geteuid() == 0:  # root without its powers is held to permissions as anybody is
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)
    assert ctypes.CDLL(None).capset(head, (ctypes.c_uint32 * 6)()) == 0
main()
"""


@pytest.mark.parametrize("protected", ["file", "folder"])
def test_what_is_read_only_is_said_and_stays(tmp_path: Path, protected: str) -> None:
    scene = scenes.SCENES["timeline add"]
    root = kills.laid_out(scene, tmp_path)
    path = root / scenes.PATH
    before = path.read_bytes()
    (path if protected == "file" else path.parent).chmod(0o444 if protected == "file" else 0o555)
    done = subprocess.run(
        [sys.executable, "-c", NOBODY, *scene.commands[-1]],
        cwd=root,
        env=kills.environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    path.parent.chmod(0o755)
    assert done.returncode == 3, done.stderr
    assert f"{scenes.NAME}: Permission denied" in done.stderr
    assert path.read_bytes() == before
    assert left(root) == []


def test_what_cannot_be_printed_is_said() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "incident", "rule", "what-went-well"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3
    assert "No space left on device" in done.stderr


def test_a_hard_link_is_refused_not_split(tmp_path: Path) -> None:
    first, second = tmp_path / "a.md", tmp_path / "b.md"
    first.write_text("old", encoding="utf-8")
    second.hardlink_to(first)
    with pytest.raises(IncidentError, match=r"has 2 hard links"):
        atomic_files.write_text(first, "new")
    assert (first.read_text("utf-8"), second.read_text("utf-8")) == ("old", "old")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.md", "b.md"]
    second.unlink()
    atomic_files.write_text(first, "new")
    assert first.read_text("utf-8") == "new"
