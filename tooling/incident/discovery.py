"""The only dynamic imports: rules, formats, reports and commands are files in a folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType


def names(package: str) -> list[str]:
    """Module names in `package` (dotted), sorted, without those that begin with `_`."""
    paths = importlib.import_module(package).__path__
    found = (module.name for module in pkgutil.iter_modules(paths))
    return sorted(name for name in found if not name.startswith("_"))


def load(package: str, name: str) -> ModuleType:
    """Import one module of `package`."""
    return importlib.import_module(f"{package}.{name}")


def load_all(package: str) -> Iterator[ModuleType]:
    """Import every module of `package`, in the order of their names."""
    for name in names(package):
        yield load(package, name)


def summaries(package: str) -> Iterator[tuple[str, str]]:
    """The name of each module, and the first line of its docstring."""
    for name in names(package):
        page = (load(package, name).__doc__ or "").splitlines() or [""]
        yield name, page[0]
