"""How a repository installs Python packages: the line that adds this one, and the step in CI."""

from __future__ import annotations

import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path

from incident.drafts.installed_from import NAME
from incident.text.values import mapping


@dataclass(frozen=True)
class Manager:
    """A package manager, recognized by its files or its table in pyproject.toml.

    `add` adds a requirement; `lock` is the file that pins it. On a runner, `install` installs one
    requirement, and `sync` everything that is locked; `run` finds a command that is installed then.
    """

    name: str
    add: str = "pip install {}"
    files: tuple[str, ...] = ()
    lock: str = ""
    install: tuple[str, ...] = ("pip install {}",)
    sync: tuple[str, ...] = ()
    run: str = ""


PIP = Manager("pip")
MANAGERS = (
    Manager(
        "uv",
        add="uv add --dev {}",
        files=("uv.lock", "uv.toml"),
        lock="uv.lock",
        install=("pip install uv", "uv pip install --system {}"),
        sync=("pip install uv", "uv sync --locked"),
        run="uv run",
    ),
    Manager(
        "poetry",
        add="poetry add --group dev {}",
        files=("poetry.lock", "poetry.toml"),
        lock="poetry.lock",
        sync=("pip install poetry", "poetry install --no-root"),
        run="poetry run",
    ),
    # not on PyPI, so a runner does not have it
    Manager("pixi", add="pixi add --pypi {}", files=("pixi.lock", "pixi.toml")),
    Manager("pdm", add="pdm add --dev {}", files=("pdm.lock",)),
    Manager("pipenv", add="pipenv install --dev {}", files=("Pipfile", "Pipfile.lock")),
)


@dataclass(frozen=True)
class Used:
    """The manager of a repository. `is_locked`: its lock file pins this package."""

    manager: Manager = PIP
    is_locked: bool = False

    def adding(self, requirement: str) -> str:
        """The command that installs `requirement`, and remembers it where the manager can."""
        return self.manager.add.format(shlex.quote(requirement))


def find(folder: Path, top: Path) -> Used:
    """The manager of `folder`, else of the repository's top; pip if no file tells."""
    for place in dict.fromkeys((folder, top)):
        tables = _tools(place / "pyproject.toml")
        for manager in MANAGERS:
            if manager.name in tables or any((place / name).is_file() for name in manager.files):
                locked = bool(manager.sync) and _pins_us(place / manager.lock)
                return Used(manager, locked)
    return Used()


def _tools(project: Path) -> frozenset[str]:
    """The tools that a pyproject.toml configures; none if it cannot be read."""
    try:
        return frozenset(mapping(tomllib.loads(project.read_text("utf-8")).get("tool")))
    except (OSError, ValueError, RecursionError):
        return frozenset()


def _pins_us(lock: Path) -> bool:
    try:
        packages = tomllib.loads(lock.read_text("utf-8")).get("package")
    except (OSError, ValueError, RecursionError):
        return False
    found = packages if isinstance(packages, list) else []
    return any(mapping(one).get("name") == NAME for one in found)
