"""Settings for all tests, and the GitHub that some of them share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from github_proxy import Proxy
    from github_support import World

# How long an example takes says more of the machine than of the code.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or leaves a cache of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """An emulated GitHub behind a proxy, for the whole session."""
    import github_proxy
    import github_support

    folder = tmp_path_factory.mktemp("emulate")
    with github_support.emulator(folder) as port, github_proxy.Proxy(port) as found:
        yield found


@pytest.fixture
def world(tmp_path: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A new repository; every request in it obeys GitHub's description of its API."""
    import github_support

    made = github_support.world(tmp_path / "repository", proxy)
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(made.root)
    yield made
    assert proxy.invalid == []
    proxy.reset()
