"""The public edition: what it holds, what it must not, and that it fails rather than leak."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from site_support import build, build_elsewhere, write_repository
from support import CHECKOUT

OPEN = """\
---
id: 2026-01-02-open
title: "Orders late for a morning"
status: published
severity: P2
owner: data-platform
confidentiality: public
redact: [impact.consumers, action_items.*.owner, detection.source]
roles: {incident_lead: zelda-handle}
detection: {method: consumer, source: "the cloudberry desk"}
impact:
  summary: "Orders were late."
  consumers: [{team: quartermaster, use: "planning of the marzipan harvest"}]
  assets: [{ref: "dbt:model.shop.fct_orders", role: root}]
action_items:
  - {id: AI-1, title: "Test it", type: detect, owner: saffron-team, due: "2026-02-01",
     status: committed}
related: [2026-03-04-closed]
recurrence_of: 2026-03-04-closed
---

## Summary

Orders were late. <!-- redact -->The vendor Umbrella & Sons owes us 40,000.<!-- /redact -->
All is well.

<!-- redact -->

| Customer | Loss |
|---|---|
| Periwinkle *Trading* House | 12,345 |

![plan](secret-plan.svg)

<!-- /redact -->

![plot](plot.svg)

The end.
"""
CLOSED = """\
---
id: 2026-03-04-closed
title: "Salaries of the rhubarb division were visible"
status: published
severity: P0
owner: people-data
impact:
  summary: "Everybody saw the rhubarb salaries for an hour."
  assets: [{ref: "dbt:model.hr.rhubarb"}]
action_items: [{id: AI-1, title: "Hide the rhubarb", owner: hr-team, status: proposed}]
---

## Summary

The tangerine export went to all.
"""
SECRET = (
    *("zelda-handle", "cloudberry", "quartermaster", "marzipan", "saffron-team", "Umbrella"),
    *("40,000", "Periwinkle", "12,345", "secret-plan", "rhubarb", "2026-03-04-closed"),
    *("people-data", "tangerine", "hr-team", "no-yaml-secret"),
)


def repository(root: Path, opened: str = OPEN) -> Path:
    files = {
        "2026/2026-01-02-open.md": opened,
        "2026/2026-03-04-closed.md": CLOSED,
        "2026/2026-04-05-no-yaml-secret.md": "---\nid: a\nid: b\n---\n",
    }
    written = write_repository(root, files)
    for name in ("plot.svg", "secret-plan.svg", "closed.svg"):
        (written / "incidents" / "2026" / name).write_text(f"<svg><!-- {name} --></svg>")
    shutil.copy(CHECKOUT / "mkdocs.public.yml", written)
    return written


@pytest.mark.slow
def test_no_redacted_string_is_in_the_site(tmp_path: Path) -> None:
    root = repository(tmp_path / "r")
    built = build_elsewhere(root, tmp_path / "site", "-f", "mkdocs.public.yml")
    assert built.code == 0, built.log
    page = built.page("incidents/2026/2026-01-02-open")
    for shown in ("Orders were late.", "[redacted]", "All is well", "The end.", "plot.svg"):
        assert shown in page
    for file in built.site.rglob("*"):
        if not file.is_file():
            continue
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8", "replace")
        for secret in SECRET:
            assert secret.casefold() not in text.casefold(), f"{file}: {secret}"
            assert secret not in str(file.relative_to(built.site))


@pytest.mark.slow
@pytest.mark.usefixtures("few_rules")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "The end.",
            "The marzipan harvest planning: planning of the marzipan harvest",
            "(impact.consumers",
        ),
        ("The end.", "See the quartermaster.", "impact.consumers"),
        ("The end.", "The vendor Umbrella &amp; Sons *owes us 40,000*.", "(the text)"),
        (
            "The end.",
            "See [it](2026-03-04-closed.md).",
            "incidents/2026/2026-03-04-closed.md:1 (id)",
        ),
        ("The end.", "Salaries of the **rhubarb** division were visible", "(title)"),
        ("kind: x", "tags: [2026-03-04-closed]", "(id)"),
    ],
)
def test_a_leak_fails_the_build(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = OPEN.replace("severity: P2", "severity: P2\nkind: x").replace(old, new)
    built = build(repository(tmp_path / "r", text), tmp_path / "site", "-f", "mkdocs.public.yml")
    assert built.code != 0
    assert "would contain" in built.log and said in built.log
    assert not list(built.site.rglob("*.*ml"))
    assert "redact_except" in built.log  # string, file, line, and the ways out


@pytest.mark.slow
def test_the_internal_edition_has_everything(tmp_path: Path) -> None:
    built = build(repository(tmp_path / "r"), tmp_path / "site")
    assert built.code == 0, built.log
    page = built.page("incidents/2026/2026-01-02-open")
    assert "Umbrella" in page and "quartermaster" in page and "Periwinkle" in page
    assert "Salaries of the rhubarb" in built.page("incidents")


def texts(site: Path) -> str:
    found = []
    for file in filter(Path.is_file, site.rglob("*")):
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8", "replace")
        found.append(f"{file.relative_to(site)}\n{text}")
    return "\n".join(found).casefold()


@pytest.mark.slow
@pytest.mark.usefixtures("few_rules")
def test_a_redaction_that_is_added_leaves_nothing_of_the_last_build(tmp_path: Path) -> None:
    bare = OPEN.replace("<!-- redact -->", "").replace("<!-- /redact -->", "")
    root, site = repository(tmp_path / "r", bare), tmp_path / "site"
    where = root / "incidents" / "2026" / "2026-01-02-open.md"
    assert build(root, site, "-f", "mkdocs.public.yml").code == 0
    assert "umbrella" in texts(site)
    where.write_text(OPEN, encoding="utf-8")
    again = build(root, site, "-f", "mkdocs.public.yml")
    assert again.code == 0, again.log
    assert "umbrella" not in texts(site)
    where.write_text(OPEN.replace("confidentiality: public\n", ""), encoding="utf-8")
    assert build(root, site, "-f", "mkdocs.public.yml").code == 0
    assert "orders were late" not in texts(site)
    indexes = [path.name for path in (site / "pagefind").iterdir() if path.is_dir()]
    assert indexes == ["guide"]  # no page of the archive is left that it could list


@pytest.mark.slow
@pytest.mark.usefixtures("few_rules")
def test_the_search_knows_nothing_of_what_is_not_public(tmp_path: Path) -> None:
    """No action item, asset, owner or word, in no index and no list of words."""
    root = repository(tmp_path / "r")
    hidden = {"rhubarb", "hr-team", "saffron", "umbrella", "cloudberry", "tangerine"}
    inside = build(root, tmp_path / "inside")
    assert inside.code == 0, inside.log
    index = texts(inside.site / "pagefind")
    assert {word for word in hidden if word in index} == hidden  # it was read
    outside = build(root, tmp_path / "outside", "-f", "mkdocs.public.yml")
    assert outside.code == 0, outside.log
    index = texts(outside.site / "pagefind")
    assert "fct_orders" in index and "test it" in index
    assert {word for word in hidden if word in index} == set()


@pytest.mark.slow
@pytest.mark.usefixtures("few_rules")
def test_a_document_that_cannot_be_read_is_told_and_fails_a_strict_build(tmp_path: Path) -> None:
    root = repository(tmp_path / "r")
    conflict = OPEN.replace("The end.", "<<<<<<< HEAD\nThe end.\n=======\nNo end.\n>>>>>>> feature")
    (root / "incidents" / "2026" / "2026-01-02-open.md").write_text(conflict, encoding="utf-8")
    built = build(root, tmp_path / "site", "--strict", "-f", "mkdocs.public.yml")
    assert built.code != 0
    assert "unresolved merge conflict" in built.log


@pytest.mark.slow
def test_a_file_that_an_internal_postmortem_shows_too_is_not_published(tmp_path: Path) -> None:
    opened = OPEN.replace("![plot](plot.svg)", "![plot](closed.svg)")
    root = repository(tmp_path / "r", opened)
    inside = root / "incidents" / "2026" / "2026-03-04-closed.md"
    inside.write_text(CLOSED + "\n![plot](closed.svg)\n", encoding="utf-8")
    built = build(root, tmp_path / "site", "-f", "mkdocs.public.yml")
    assert built.code != 0
    assert "closed.svg" in built.log and "its own copy" in built.log
