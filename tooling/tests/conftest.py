"""Settings and fixtures for all tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from github_proxy import Proxy
    from github_support import World

# How long an example takes says more of the machine than of the code.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the emulator's tests, leave out integrations unless asked for, put long files first."""
    for item in items:
        if "proxy" in getattr(item, "fixturenames", ()):
            item.add_marker("emulator")
    if "integration" not in config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("integration")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    long = Counter(
        item.path
        for item in items
        for mark in ("browser", "emulator", "slow")
        if item.get_closest_marker(mark)
    )
    items.sort(key=lambda item: -long[item.path])


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or leaves a cache of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def few_rules() -> Iterator[None]:
    """The rules' pages are most of a small wiki and all made alike: let a few stand for them."""
    from incident import rules

    few = rules.all_rules()[::10]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "all_rules", lambda: few)
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, started once."""
    from site_support import chromium

    with chromium() as launched:
        yield launched


@pytest.fixture(scope="session")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the wiki of this repository's own archive is served."""
    from site_support import build, serve
    from support import CHECKOUT

    built = build(CHECKOUT, tmp_path_factory.mktemp("own-wiki"), "--strict")
    assert built.code == 0, built.log
    with serve(built.site) as found:
        yield found


@dataclass
class Watch:
    """What a page asked for and complained about."""

    hosts: set[str] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Listen to a page."""
        page.on("request", lambda request: self.asked(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda said: (
                self.errors.append(said.text) if said.type in {"error", "warning"} else None
            ),
        )

    def asked(self, url: str) -> None:
        """Note a request."""
        parts = urlsplit(url)
        self.hosts.add(parts.netloc)
        self.paths.append(parts.path)


@pytest.fixture
def watch() -> Watch:
    """What the page of this test asks for and complains about."""
    return Watch()


@pytest.fixture
def page(browser: Browser, address: str, watch: Watch) -> Iterator[Page]:
    """A page that fails the test when it asks another host or reports an error."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    opened = context.new_page()
    watch.follow(opened)
    yield opened
    context.close()
    assert watch.hosts <= {urlsplit(address).netloc, ""}
    assert watch.errors == []
