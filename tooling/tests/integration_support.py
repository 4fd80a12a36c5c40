"""Other tools, each in an environment of its own: their requirements are not ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support import CHECKOUT

FOLDER = CHECKOUT / "build" / "integrations"


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
