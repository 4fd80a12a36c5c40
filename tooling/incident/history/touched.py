"""Which assets a change touches: changed files of a dbt project, mapped through its manifest.

Models, snapshots and seeds by their file; macros through every node that uses them; sources,
exposures and properties by the YAML entries that differ. What is downstream follows the manifest's
edges.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from incident.dbt.lineage import tested, tests_of
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import Node, is_asset, is_id, name_of
from incident.history import sql_changes
from incident.history.sql_changes import Kinds
from incident.text.account import Account, Noun, Tally
from incident.text.counts import some
from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import shown_line

if TYPE_CHECKING:
    from incident.history.yaml_changes import EntryChange

FILE = Noun("changed file", "changed files")
_MACRO = lazy(r"\{%-?\s*(?P<kind>macro|test|data_test|materialization)\s+(?P<name>\w+)")
_PROJECT_FILES = frozenset({"dbt_project.yml", "packages.yml", "dependencies.yml"})
_OWN_FILE = frozenset({"model", "snapshot", "seed", "test"})
_CODE = (".sql", ".py", ".csv")
_YAML = (".yml", ".yaml")


class FileChange(NamedTuple):
    """A changed file of a dbt project, by paths from the project's root.

    `path` is "" for a deleted file, `before` for a new one. `old`, `new`: its texts.
    """

    path: str
    before: str
    old: str = ""
    new: str = ""

    @property
    def name(self) -> str:
        """Where it is, or was."""
        return self.path or self.before


@dataclass(frozen=True)
class Touched:
    """An asset that a change touches. `ref`: "dbt:model.shop.orders".

    `kinds`: what the change does, with details. `files`: from the project's root; `line`: in the
    first of them, or 0. `removed_checks`: names of tests that are gone. `via`: the changed macro
    that it or a test of it uses, or "". `users`: how many assets that macro reaches.
    """

    ref: str
    files: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    line: int = 0
    removed_checks: frozenset[str] = frozenset()
    via: str = ""
    users: int = 1
    is_deleted: bool = False


@dataclass(frozen=True)
class Change:
    """All that a change touches. `account`: what became of each file.

    `below`: by reference, steps from the nearest touched asset and that asset, nearest first.
    `added_checks`: names of tests that are new.
    """

    touched: tuple[Touched, ...]
    below: Mapping[str, tuple[int, Touched]]
    account: Account
    warnings: tuple[str, ...] = ()
    added_checks: frozenset[str] = frozenset()


def find(
    files: Iterable[FileChange],
    manifest: Manifest,
    depth: int,
    source: str = "the change",
    refs: Iterable[str] = (),
) -> Change:
    """What the changed files of a project touch, and what is at most `depth` steps below it.

    `refs`: of the archive's assets. A file that the manifest lacks, such as that of a deleted
    model, is matched with them by name.
    """
    tally = Tally(source, FILE, Noun("of an asset in the manifest", "of assets in the manifest"))
    maps = _Maps(manifest, refs)
    found: list[Touched] = []
    stale: list[str] = []
    for one in files:
        if one.name in _PROJECT_FILES:
            tally.leave("of project settings, whose effect is not known", shown_line(one.name))
            continue
        reason, here = _of_file(one, maps, stale)
        found += here
        if reason:
            tally.leave(reason, shown_line(one.name))
        else:
            tally.take()
    warnings = []
    if stale:
        fact = f"the manifest is older than {shown_line(some(stale, 1))}"
        warnings.append(f"{fact}: rerun `dbt parse` for current lineage")
    touched = _merged(found)
    below, added = _below(touched, manifest, depth), frozenset(maps.added)
    return Change(touched, below, tally.account, tuple(warnings), added)


class _Maps:
    """The manifest by path, and its macros by who uses them."""

    def __init__(self, manifest: Manifest, refs: Iterable[str] = ()) -> None:
        self.manifest = manifest
        self.added: set[str] = set()  # names of tests that the change adds
        self.by_name: dict[str, str] = {}
        for ref in refs:
            key = ref.removeprefix("dbt:")
            kind, package, *_ = [*key.split("."), "", ""]
            is_own = kind in _OWN_FILE and package == (manifest.project or package)
            if is_own and is_id(key) and key not in manifest.nodes:
                self.by_name.setdefault(name_of(key), key)
        self.by_path: dict[str, list[str]] = {}
        own = manifest.project
        for key, node in manifest.nodes.items():
            if node.path and (not own or node.package == own):
                self.by_path.setdefault(node.path, []).append(key)
        self.macros: dict[str, list[str]] = {}
        for key, macro in manifest.macros.items():
            if macro.path and (not own or macro.package == own):
                self.macros.setdefault(macro.path, []).append(key)
        self._users: dict[str, list[str]] | None = None

    def users(self, macro: str) -> dict[str, str]:
        """The assets that use a macro, directly or through other macros.

        Each with the test through which it does: the macro of a generic test is used by its tests,
        and so by what they test. "" for one that uses it itself.
        """
        if self._users is None:
            self._users = {}
            for key, node in (*self.manifest.macros.items(), *self.manifest.nodes.items()):
                for used in node.macros:
                    self._users.setdefault(used, []).append(key)
        seen, waiting = {macro}, [macro]
        while waiting:
            for user in self._users.get(waiting.pop(), ()):
                if user not in seen:
                    seen.add(user)
                    waiting += [user] if user.startswith("macro.") else []
        found = {key: "" for key in sorted(seen) if is_asset(key)}
        for key in sorted(key for key in seen if key.startswith("test.")):
            for asset in tested(self.manifest, key):
                found.setdefault(asset, self.manifest.nodes[key].name or name_of(key))
        return found


def _of_file(one: FileChange, maps: _Maps, stale: list[str]) -> tuple[str, list[Touched]]:
    """Why a file touches nothing, or "" and the assets that it touches."""
    if one.name.endswith(_YAML):
        return _of_yaml(one, maps)
    if not one.name.endswith(_CODE):
        return "that dbt doesn't read", []
    macros = maps.macros.get(one.path) or maps.macros.get(one.before)
    if macros and _MACRO().search(f"{one.old}\n{one.new}"):
        return "", list(_of_macros(one, macros, maps))
    keys = maps.by_path.get(one.path) or maps.by_path.get(one.before) or []
    keys = [key for key in keys if key.split(".")[0] in _OWN_FILE]
    if not keys:
        stem = one.name.rpartition("/")[2].rpartition(".")[0]
        if key := maps.by_name.get(stem):
            return "", [Touched(f"dbt:{key}", (one.name,), is_deleted=not one.path)]
        if not one.before:
            maps.added.add(stem)  # it may be a singular test
        return "not in the manifest (new, or not part of the project)", []
    is_seed = one.name.endswith(".csv")
    kinds = (sql_changes.of_seed if is_seed else sql_changes.kinds)(one.old, one.new)
    if kinds is None and one.path:
        return "without a change to its code", []
    if not is_seed and _is_stale(one, maps.manifest.nodes[keys[0]].checksum):
        stale.append(one.name)
    return "", [found for key in keys for found in _of_node(key, one, kinds or {}, maps.manifest)]


def _of_node(key: str, one: FileChange, kinds: Kinds, manifest: Manifest) -> Iterator[Touched]:
    """The asset of a file; for a test's file, what it tests."""
    is_gone, line = not one.path, _first_line(one)
    if is_asset(key):
        if is_gone:
            gone = frozenset(manifest.nodes[test].name for test in tests_of(manifest, key))
            yield Touched(f"dbt:{key}", (one.name,), removed_checks=gone, is_deleted=True)
        else:
            yield Touched(f"dbt:{key}", (one.name,), kinds, line)
        return
    name = manifest.nodes[key].name or name_of(key)
    removed = frozenset({name}) if is_gone else frozenset[str]()
    for asset in tested(manifest, key):
        yield Touched(f"dbt:{asset}", (one.name,), {"test": name}, line, removed)


def _of_macros(one: FileChange, macros: list[str], maps: _Maps) -> Iterator[Touched]:
    """The assets that use a macro which differs."""
    before, after = _macro_texts(one.old), _macro_texts(one.new)
    for macro in macros:
        name = macro.rpartition(".")[2]
        old, new = before.get(name, ""), after.get(name, "")
        # a new one that has users replaces another: dbt's `not_null`, or one of a package
        kinds = sql_changes.kinds(old, new) if old else {}
        if kinds is None:
            continue
        users = maps.users(macro)
        for key, test in users.items():
            does = {"test": test} if test else kinds
            yield Touched(f"dbt:{key}", (one.name,), does, via=name, users=len(users))


def _macro_texts(text: str) -> dict[str, str]:
    """The text of each macro, by the last part of its unique id."""
    starts = [(m.start(), m["kind"], m["name"]) for m in _MACRO().finditer(text)]
    ends = [*(at for at, _, _ in starts[1:]), len(text)]
    return {
        (f"test_{name}" if kind.endswith("test") else name): text[at:end]
        for (at, kind, name), end in zip(starts, ends, strict=False)  # a text without macros
    }


def _of_yaml(one: FileChange, maps: _Maps) -> tuple[str, list[Touched]]:
    from incident.history import yaml_changes  # most changes need no YAML

    try:
        changes = yaml_changes.changes(one.old, one.new)
    except ValueError:
        return "that is not valid YAML", []
    for change in changes:
        maps.added |= {test.called(change.key) for test in change.added}
    touched = [
        _of_entry(one, change, key)
        for change in changes
        if not change.is_harmless
        for key in _nodes_of(change, maps.manifest)
    ]
    if touched:
        return "", touched
    if not all(change.is_harmless for change in changes):
        return "not in the manifest (new, or not part of the project)", []
    return "without a change to an asset", []


def _of_entry(one: FileChange, change: EntryChange, key: str) -> Touched:
    checks = frozenset(test.called(change.key) for test in change.removed)
    return Touched(f"dbt:{key}", (one.name,), change.kinds, change.line, checks)


def _nodes_of(change: EntryChange, manifest: Manifest) -> list[str]:
    """The unique ids of an entry's nodes: several for a model with versions, none if unknown."""
    kind, name = change.key
    own = f"{kind}.{manifest.project}." if manifest.project else f"{kind}."
    return [
        key
        for key in manifest.nodes
        if key.startswith(own) and name in {name_of(key), _unversioned(name_of(key))}
    ]


def _unversioned(name: str) -> str:
    """`orders` of `orders.v2`."""
    start, mark, version = name.rpartition(".v")
    return start if mark and version.replace("_", "").isalnum() else name


def _is_stale(one: FileChange, checksum: str) -> bool:
    """Whether the manifest was made from neither side of the change."""
    if not re.fullmatch(r"[0-9a-f]{64}", checksum):
        return False
    sides = (hashlib.sha256(text.strip().encode()).hexdigest() for text in (one.old, one.new))
    return checksum not in sides


def _first_line(one: FileChange) -> int:
    """The first line of the new text that is not in the old one, else 0."""
    before = set(one.old.splitlines())
    lines = enumerate(one.new.splitlines(), 1)
    return next((n for n, line in lines if line.strip() and line not in before), 0)


def _merged(found: list[Touched]) -> tuple[Touched, ...]:
    """One for each asset: what its own file does wins over a macro."""
    by_ref: dict[str, Touched] = {}
    for one in sorted(found, key=lambda one: (bool(one.via), one.users)):
        other = by_ref.get(one.ref)
        if other is None:
            by_ref[one.ref] = one
        elif not one.via:
            by_ref[one.ref] = replace(
                other,
                files=tuple(dict.fromkeys((*other.files, *one.files))),
                kinds={**one.kinds, **other.kinds},
                removed_checks=other.removed_checks | one.removed_checks,
            )
    return tuple(by_ref.values())


def _below(
    touched: Iterable[Touched], manifest: Manifest, depth: int
) -> dict[str, tuple[int, Touched]]:
    """What is downstream: the steps, and the touched asset from which they lead."""
    steps = {one.ref.removeprefix("dbt:"): (0, one) for one in touched}
    waiting = deque(steps)
    while waiting:
        current = waiting.popleft()
        count, origin = steps[current]
        for child in manifest.children.get(current, ()) if count < depth else ():
            if child not in steps and is_id(child) and is_asset(child):
                steps[child] = (count + 1, origin)
                waiting.append(child)
    return {f"dbt:{key}": found for key, found in steps.items() if found[0]}


def guessed(files: Iterable[FileChange], refs: Iterable[str]) -> Manifest:
    """In place of a manifest: the assets of an archive whose name is that of a changed file.

    It has no edges, and sources and properties are found by their name alone.
    """
    by_name: dict[str, list[str]] = {}
    for ref in refs:
        key = ref.removeprefix("dbt:")
        if ref.startswith("dbt:") and is_id(key):
            by_name.setdefault(name_of(key), []).append(key)
    nodes = {key: Node(key, key.split(".")[0]) for keys in by_name.values() for key in keys}
    for one in files:
        stem = one.name.rpartition("/")[2].rpartition(".")[0]
        for key in by_name.get(stem, ()):
            kind = key.split(".")[0]
            if one.name.endswith(_CODE) and kind in _OWN_FILE:
                nodes[key] = Node(key, kind, stem, path=one.name)
    return Manifest(nodes)
