"""The `incident` command, and `python -m incident`."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Run it. An interrupt while modules load ends it silently."""
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(130))
    from incident import commands

    commands.main()


if __name__ == "__main__":
    main()
