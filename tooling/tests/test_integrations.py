"""The tools that read or write the same files, in the versions that are locked."""

from __future__ import annotations

import subprocess

import pytest

from integration_support import installed

pytestmark = pytest.mark.integration


def test_zensical_is_installed_from_its_lock() -> None:
    command = [str(installed("zensical") / "zensical"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "build" in done.stdout
