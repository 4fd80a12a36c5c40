"""Other tools, each in an environment of its own: their requirements are not ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support import CHECKOUT

FOLDER = CHECKOUT / "build" / "integrations"
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def installed(name: str, *options: str) -> Path:
    """Install requirements/NAME.txt, unless it is there; the folder of its commands."""
    lock = CHECKOUT / "requirements" / f"{name}.txt"
    place = FOLDER / name
    stamp = place / "installed.txt"
    if not stamp.is_file() or stamp.read_bytes() != lock.read_bytes():
        uv = str(Path(sys.executable).with_name("uv"))
        environment = {**os.environ, "VIRTUAL_ENV": str(place)}
        subprocess.run([uv, "venv", "--quiet", "--clear", str(place)], check=True)
        install = [uv, "pip", "install", "--quiet", "--require-hashes", "-r", str(lock), *options]
        subprocess.run(install, check=True, env=environment)
        stamp.write_bytes(lock.read_bytes())
    return place / "bin"


@contextmanager
def postgres(folder: Path, name: str) -> Iterator[str]:
    """Postgres on a socket only, with a user and a database `name`; the folder of the socket."""
    if not POSTGRES:
        pytest.skip("needs Postgres: apt-get install postgresql")
    for one in (folder, *folder.parents[:3]):
        if one.is_relative_to("/tmp") and one != Path("/tmp"):
            one.chmod(0o755)
    data = folder / "data"
    user: list[str] = []
    if os.geteuid() == 0:  # Postgres refuses to run as root
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres")
    initialize = [str(POSTGRES[-1] / "initdb"), "-D", str(data), "-A", "trust", "-U", name]
    subprocess.run([*user, *initialize], check=True, capture_output=True, cwd="/")
    start = [str(POSTGRES[-1] / "postgres"), "-D", str(data), "-k", str(folder)]
    with subprocess.Popen(
        [*user, *start, "-c", "listen_addresses="], cwd="/", stderr=subprocess.DEVNULL
    ) as process:
        try:
            create = [str(POSTGRES[-1] / "createdb"), "-h", str(folder), "-U", name, name]
            for _ in range(100):
                if subprocess.run(create, capture_output=True).returncode == 0:
                    break
                time.sleep(0.1)
            yield str(folder)
        finally:
            process.terminate()
