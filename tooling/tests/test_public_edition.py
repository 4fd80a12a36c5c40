"""The public edition: every kind of redaction, in every spelling, in every place."""

from __future__ import annotations

import base64
import gzip
import io
import itertools
import json
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mkdocs.exceptions import PluginError

from incident import archive
from incident.archive import leaks, public_edition
from incident.errors import ConfigError, UsageError
from incident.postmortem import document, model, redactions
from incident.repository.config import Config
from incident.site import leak_check

A, B = "2026-01-02-open", "2026-03-04-other"

KINDS: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]], str]] = {
    # kind: the secret, what it adds to the frontmatter, the text
    "a passage": (
        "Quillfeather Trading",
        lambda data: data,
        "We owe <!-- redact -->Quillfeather Trading<!-- /redact --> money.",
    ),
    "a name in a longer passage": (
        "Quillfeather",
        lambda data: data,
        "<!-- redact -->The vendor Quillfeather owes us 40,000 for March.<!-- /redact -->",
    ),
    "a short name": ("ZYQ", lambda data: data, "<!-- redact -->ZYQ<!-- /redact --> owes."),
    "a dictionary word as a name": (
        "Umbrella",
        lambda data: data,
        "We owe <!-- redact -->money to Umbrella for it<!-- /redact -->.",
    ),
    "a table": (
        "Quillfeather Trading",
        lambda data: data,
        "<!-- redact -->\n\n| Customer | Loss |\n|---|---|\n| Quillfeather *Trading* | 12 |\n\n"
        "<!-- /redact -->",
    ),
    "a number": (
        "4711000",
        lambda data: (
            data
            | {"redact": ["impact.magnitude"]}
            | {"impact": {"magnitude": {"metric": "loss", "actual": 4711000, "unit": "EUR"}}}
        ),
        "",
    ),
    "a consumer": (
        "quillfeather-guild",
        lambda data: (
            data
            | {"redact": ["impact.consumers"]}
            | {"impact": {"consumers": [{"team": "quillfeather-guild", "use": "planning"}]}}
        ),
        "",
    ),
    "an owner": (
        "quillfeather-team",
        lambda data: (
            data
            | {"redact": ["action_items.*.owner"]}
            | {"action_items": [{"id": "AI-1", "title": "Test it", "owner": "quillfeather-team"}]}
        ),
        "",
    ),
    "an asset": (
        "fct_quillfeather",
        lambda data: (
            data
            | {"redact": ["impact.assets"]}
            | {"impact": {"assets": [{"ref": "dbt:model.hr.fct_quillfeather"}]}}
        ),
        "",
    ),
    "a title": (
        "Quillfeather",
        lambda data: (
            data
            | {"redact": ["title"]}
            | {"title": "Customer Quillfeather lost orders after the migration"}
        ),
        "",
    ),
    "a person with a role": (
        "quillfeather-handle",
        lambda data: data | {"roles": {"incident_lead": "quillfeather-handle"}},
        "",
    ),
}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "in lower case": str.lower,
    "emphasis inside": lambda s: f"{s[:2]}**{s[2:4]}**{s[4:]}",
    "an element inside": lambda s: f"{s[:2]}<b>{s[2:]}</b>",
    "a soft hyphen": lambda s: f"{s[:3]}&shy;{s[3:]}",
    "an invisible space": lambda s: f"{s[:3]}\u200b{s[3:]}",
    "entities": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "percent": lambda s: "".join(f"%{ord(c):02X}" for c in s),
    "wide letters": lambda s: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in s),
    "accents": lambda s: unicodedata.normalize("NFD", s.replace("e", "é")),
    "over two lines": lambda s: s.replace(" ", "\n").replace("-", "-\n", 1),
    "code": lambda s: f"`{s}`",
    "a diagram": lambda s: f"\n\n```mermaid\nflowchart LR\n A[{s.replace(' ', '<br>')}]\n```\n",
    "JSON": lambda s: '"' + "".join(f"\\u{ord(c):04x}" for c in s) + '"',
}
PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    # where it appears as well: what is added to the two documents
    "its own text": lambda s: {"own": s},
    "its own summary": lambda s: {"own_data": {"summary": s}},
    "another's text": lambda s: {"other": s},
    "another's title": lambda s: {"title": s},
    "another's tag": lambda s: {"tag": s},
    "a link": lambda s: {"other": f"[see](https://example.com/{quote(s, safe='%')})"},
    "a picture's words": lambda s: {"other": f"![{s}](plot.png)"},
}


def postmortem(id_: str, body: str, **data: Any) -> str:
    front = {
        "id": id_,
        "title": "Orders were late",
        "status": "published",
        "severity": "P2",
        "owner": "data-platform",
        "confidentiality": "public",
        **data,
    }
    return f"---\n{json.dumps(front, ensure_ascii=False)}\n---\n\n## Summary\n\n{body}\n"


def made(*texts: tuple[str, str]) -> archive.Archive:
    entries = []
    for id_, text in texts:
        found = document.parse(text, f"incidents/2026/{id_}.md")
        assert not found.faults, found.faults
        entries.append(archive.Entry(found, model.postmortem(found)))
    return archive.Archive(tuple(entries), ())


def case(kind: str, spelling: str = "", place: str = "") -> tuple[str, archive.Archive]:
    secret, front, text = KINDS[kind]
    more: dict[str, Any] = {}
    if place:
        more = PLACES[place](SPELLINGS[spelling](secret))
    data = front({})
    if extra := more.get("own_data"):
        data = {**data, "impact": {**data.get("impact", {}), **extra}}
    body = f"{text}\n\n{more.get('own', '')}"
    other = {"tags": [more["tag"]]} if "tag" in more else {}
    other |= {"title": more["title"]} if "title" in more else {}
    return secret, made(
        (A, postmortem(A, body, **data)), (B, postmortem(B, more.get("other", "Fine."), **other))
    )


CONFIG = Config(Path("/nowhere"))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_redacted_once_is_hidden_and_nothing_else_is_asked(kind: str) -> None:
    secret, found = case(kind)
    edition = public_edition.edition(found, CONFIG)
    leak_check.check_sources(edition)
    for entry in edition.archive.entries:
        shown = entry.document.text[entry.document.meta.body :] + json.dumps(entry.document.data)
        assert secret.casefold() not in shown.casefold()


@pytest.mark.parametrize(
    ("kind", "spelling", "place"), list(itertools.product(KINDS, SPELLINGS, PLACES))
)
def test_redacted_strings_elsewhere_fail_the_build(kind: str, spelling: str, place: str) -> None:
    secret, found = case(kind, spelling, place)
    if secret.isdigit() and spelling in ("emphasis inside", "accents"):
        return  # 47**11**000 is three numbers, and a number has no accents
    if spelling == "in lower case" and kind == "a dictionary word as a name":
        return  # an umbrella is not Umbrella
    edition = public_edition.edition(found, CONFIG)
    with pytest.raises(PluginError, match="would contain") as error:
        leak_check.check_sources(edition)
    assert "redact_except" in str(error.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("x/index.html", str.encode),
        ("feed.xml", str.encode),
        ("rows.csv", lambda s: s.encode("utf-16")),
        ("rows.bin", lambda s: b"\0\1" + s.encode("utf-16-le")),
        ("sitemap.xml.gz", lambda s: gzip.compress(s.encode())),
        ("plot.png", lambda s: b"\x89PNG\r\n\x1a\n" + chunk(b"zTXt", s)),
        ("tail.png", lambda s: b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", "") + s.encode()),
        ("wide.png", lambda s: b"\x89PNG\r\n\x1a\n" + text_chunk(s)),
        ("odd.bin", lambda s: b"\0\1x" + s.encode("utf-16-le")),
        ("comment.jpg", lambda s: b"\xff\xd8" + segment(0xFE, s.encode()) + b"\xff\xda\0\0"),
        ("exif.jpg", lambda s: b"\xff\xd8" + segment(0xE1, b"Exif\0\0x" + s.encode("utf-16-be"))),
        ("tail.jpg", lambda s: b"\xff\xd8\xff\xda\0\0\1\2\xff\xd9" + s.encode()),
        ("packed.zip", lambda s: packed("x.txt", s)),
        ("named.zip", lambda s: packed(f"{s}.txt", "x")),
        ("picture.png", lambda s: b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", "") + packed("x", s)),
        ("rows.log", lambda s: b"payload=" + base64.b64encode(f"so {s} was".encode())),
        ("icon.svg", lambda s: f'<svg><g data-name="{s}"/></svg>'.encode()),
        ("split.svg", lambda s: f"<svg><text>{s[:2]}<tspan>{s[2:]}</tspan></text></svg>".encode()),
    ],
)
def test_every_file_of_the_site_is_searched(
    tmp_path: Path, kind: str, name: str, encoded: Callable[[str], bytes]
) -> None:
    secret, found = case(kind)
    edition = public_edition.edition(found, CONFIG)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(encoded(f"so {secret} was"))
    with pytest.raises(PluginError, match="would contain"):
        leak_check.check(tmp_path, edition, {})
    assert not list(tmp_path.iterdir())


def text_chunk(text: str) -> bytes:
    data = b"XML:com.adobe.xmp\0\0\0\0\0" + text.encode("utf-16-le")
    return len(data).to_bytes(4, "big") + b"iTXt" + data + b"\0\0\0\0"


def segment(kind: int, data: bytes) -> bytes:
    return bytes([0xFF, kind]) + (len(data) + 2).to_bytes(2, "big") + data


def packed(name: str, text: str) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, text)
    return raw.getvalue()


def chunk(kind: bytes, text: str) -> bytes:
    data = b"Comment\0\0" + zlib.compress(text.encode())
    return len(data).to_bytes(4, "big") + kind + data + b"\0\0\0\0"


def test_the_pixels_of_a_picture_and_the_theme_are_no_words(tmp_path: Path) -> None:
    text = postmortem(A, "<!-- redact -->EY<!-- /redact --> owes.")
    edition = public_edition.edition(made((A, text)), CONFIG)
    noise = b"\xff\xd8\xff\xda\0\0" + b"\1 EY \2" * 9 + b"\xff\xd9"
    (tmp_path / "plot.jpg").write_bytes(noise)
    (tmp_path / "theme.js").write_text("let ey = 1")
    leak_check.check(tmp_path, edition, {}, ["theme.js"])
    with pytest.raises(PluginError, match="theme"):
        leak_check.check(tmp_path, edition, {})


def test_a_file_is_searched_for_what_its_own_document_hides(tmp_path: Path) -> None:
    edition = public_edition.edition(made((A, postmortem(A, "x", **HIDDEN_TIME))), CONFIG)
    (tmp_path / "rows.csv").write_text("at\n03:00\n")
    leak_check.check(tmp_path, edition, {})
    with pytest.raises(PluginError, match="rows"):
        leak_check.check(tmp_path, edition, {"rows.csv": {f"incidents/2026/{A}.md"}})


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_name_is_searched(tmp_path: Path, kind: str) -> None:
    secret, found = case(kind)
    (tmp_path / f"{quote(secret)}.png").write_bytes(b"")
    with pytest.raises(PluginError, match="would contain"):
        leak_check.check(tmp_path, public_edition.edition(found, CONFIG), {})


@pytest.mark.parametrize("key", ["title", "impact.assets"])
def test_revealing_ids_are_replaced_everywhere(key: str) -> None:
    old = "2026-01-02-fct-zylantra-lost-orders"
    first = postmortem(
        old,
        "All is well.",
        title="Customer Zylantra lost orders",
        redact=[key, "title"],
        impact={"assets": [{"ref": f"dbt:model.hr.fct_{'zylantra' * (key != 'title')}"}]},
    )
    second = postmortem(B, f"As in [it]({old}.md).", related=[old], recurrence_of=old)
    edition = public_edition.edition(made((old, first), (B, second)), CONFIG)
    leak_check.check_sources(edition)
    renamed, other = edition.archive.entries
    assert renamed.postmortem.id == "2026-01-02-incident-1"
    assert renamed.document.path == "incidents/2026/2026-01-02-incident-1.md"
    assert other.postmortem.related == ("2026-01-02-incident-1",)
    assert "(2026-01-02-incident-1.md)" in other.document.text
    assert edition.names[renamed.document.path] == f"incidents/2026/{old}.md"


@pytest.mark.parametrize(
    ("redact", "body", "said"),
    [
        (["impact.consumer"], "", "`impact.consumer` matches nothing"),
        ("impact.summary", "", "`redact` is not a list"),
        ({"owner": True}, "", "`redact` is not a list"),
        ([{"owner": True}], "", "must be text"),
        (["action_items.owner"], "", r"write `action_items.\*.owner`"),
        (["tags.7"], "", "`tags.7` matches nothing"),
        ([], "a <!-- redact --> b", "no matching mark"),
        ([], "a <!-- /redact --> b", "no matching mark"),
        ([], "<!-- redact --><!-- redact -->x<!-- /redact -->", "no matching mark"),
        ([], "<!-- redact --> <!-- /redact -->", "empty"),
        ([], "<!-- redact: vendor -->x<!-- /redact: vendor -->", "hides nothing"),
        ([], "<!--\nredact\n-->x<!--\n/redact\n-->", "hides nothing"),
        ([], "<redact>x</redact>", "hides nothing"),
        ([], "<!-- redact start -->x<!-- redact end -->", "hides nothing"),
        ([], "<!-- begin redact -->x<!-- end redact -->", "hides nothing"),
        ([], "<!- redact ->x<!- /redact ->", "hides nothing"),
        ([], "[redact]x[/redact]", "hides nothing"),
        ([], "{% redact %}x{% endredact %}", "hides nothing"),
        ([], "&lt;!-- redact --&gt;x&lt;!-- /redact --&gt;", "hides nothing"),
        (None, "", "`redact` is not a list"),
        ([], "<!\u2013 redact \u2013>x<!\u2013 /redact \u2013>", "hides nothing"),
        ([], "<!\u2014redact\u2014>x<!\u2014/redact\u2014>", "hides nothing"),
        ([], "<!-- re\u00addact -->x<!-- /re\u00addact -->", "hides nothing"),
        ([], "[//]: # (redact)\n\nx\n\n[//]: # (/redact)", "hides nothing"),
        ([], "%% redact %%x%% /redact %%", "hides nothing"),
        ([], ":::redact\nx\n:::", "hides nothing"),
        ([], "!!! redact\n    x", "hides nothing"),
        ([], "(redact)x(/redact)", "hides nothing"),
        ([], "||redact||x||/redact||", "hides nothing"),
        ([], '<span class="redact">x</span>', "hides nothing"),
        ([], "<details redact>x</details>", "hides nothing"),
        ([], "==redact==x==/redact==", "hides nothing"),
        ([], "x {: .redact }", "hides nothing"),
        ([], "@redact x @end", "hides nothing"),
        ([], "/* redact */ x /* /redact */", "hides nothing"),
        ([], "REDACT: x", "hides nothing"),
    ],
)
def test_invalid_redactions_are_errors_on_their_line(redact: Any, body: str, said: str) -> None:
    data = {"impact": {"consumers": [{"team": "x"}]}, "tags": ["x"], "redact": redact}
    items = [{"id": "AI-1", "title": "Test it", "owner": "shop"}]
    text = postmortem(A, body, **data, action_items=items)
    with pytest.raises(UsageError, match=rf"{A}\.md:\d+:\d+: .*{said}"):
        public_edition.edition(made((A, text)), CONFIG)


def test_a_mark_in_the_frontmatter_hides_nothing() -> None:
    text = postmortem(A, "", title="<!-- redact -->Zylantra<!-- /redact --> lost orders")
    with pytest.raises(UsageError, match="hides nothing"):
        public_edition.edition(made((A, text)), CONFIG)


@pytest.mark.parametrize("key", ["redacts", "Redact", "redact_keys", "x_redact", "redact "])
def test_a_key_that_is_named_like_redact_is_an_error(key: str) -> None:
    text = postmortem(A, "", owner="shop", **{key: ["owner"]})
    with pytest.raises(UsageError, match="hides nothing"):
        public_edition.edition(made((A, text)), CONFIG)


def test_redact_inside_of_another_key_is_an_error() -> None:
    text = postmortem(A, "", impact={"consumers": [{"team": "shop"}], "redact": ["consumers"]})
    with pytest.raises(UsageError, match=r"`impact\.redact` hides nothing"):
        public_edition.edition(made((A, text)), CONFIG)


TIMES = {"started_at": "2026-01-02T00:00Z", "detected_at": "2026-01-02T03:00Z"}
HIDDEN_TIME = {"timestamps": TIMES, "redact": ["timestamps.detected_at"]}
LOSS = {"redact": ["impact.magnitude.actual"]}
VENDOR = "<!-- redact -->The vendor Umbrella owes us money.<!-- /redact -->"


def loss(actual: float) -> dict[str, Any]:
    return LOSS | {"impact": {"magnitude": {"metric": "loss", "actual": actual, "unit": "EUR"}}}


@pytest.mark.parametrize(
    ("body", "data"),
    [
        # what only an element's attribute says
        ('<!-- redact -->Zylantra<!-- /redact --> <img src="x.png" alt="Zylantra">', {}),
        ('<!-- redact -->Zylantra<!-- /redact --> <a href="https://zylantra.example">x</a>', {}),
        ("<!-- redact -->Zylantra<!-- /redact --> <img src=zylantra.png>", {}),
        # numbers
        ("It was <!-- redact -->18%<!-- /redact --> low.", {"title": "Revenue 18% low"}),
        ("We lost 82 EUR.", loss(82)),
        ("We lost 2,000 EUR.", loss(2000)),
        ("We lost 4711000 EUR.", loss(4711000.0)),
        ("We lost 47,11,000 EUR.", loss(4711000)),
        # names that are words
        (f"{VENDOR} Later Umbrella paid.", {}),
        ("<!-- redact -->Umbrella owes us money.<!-- /redact -->\n\nUmbrella paid.", {}),
        ("<!-- redact -->The vendor Target owes us.<!-- /redact --> Later Target paid.", {}),
        (VENDOR, {"tags": ["umbrella"]}),
        (VENDOR, {"impact": {"assets": [{"ref": "dbt:model.shop.stg_umbrella__rows"}]}}),
        (f"{VENDOR} [x](https://example.com/umbrella/x)", {}),
        # longer, and without the letters that addresses do without
        ("<!-- redact -->Zyla<!-- /redact --> owes, see https://zylacorp.example", {}),
        ("<!-- redact -->Müllzyn<!-- /redact --> owes, see https://muellzyn.example", {}),
        ("<!-- redact -->Brønzyn<!-- /redact --> owes, see https://bronzyn.example", {}),
        (r"<!-- redact -->rhubarbian<!-- /redact --> owes: \\fs\rhubarbian\x", {}),
        # people
        ("Then Rose Hill restarted it.", {"roles": {"incident_lead": "Rose Hill"}}),
        ("Then Zelda restarted it.", {"roles": {"incident_lead": "Zelda Przyk"}}),
        ("Then Przyk restarted it.", {"roles": {"incident_lead": "Zelda Przyk"}}),
        ("See zelda.przyk.", {"roles": {"incident_lead": "zelda.przyk@example.com"}}),
        # times
        ("## Timeline\n\n- 2026-01-02T05:00+02:00 late rows", HIDDEN_TIME),
        ("## Timeline\n\n- 3:00Z late rows", HIDDEN_TIME),
        ("## Timeline\n\n- 2026-01-02 04:00 CET **detected**: late rows", HIDDEN_TIME),
        ("It was noticed at 3 am.", HIDDEN_TIME),
        ("It was noticed at 0300 UTC.", HIDDEN_TIME),
        ("It was noticed at 03h00.", HIDDEN_TIME),
    ],
)
def test_what_it_is_called_otherwise_ends_the_build(body: str, data: dict[str, Any]) -> None:
    edition = public_edition.edition(made((A, postmortem(A, body, **data))), CONFIG)
    with pytest.raises(PluginError, match="would contain"):
        leak_check.check_sources(edition)


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ("82 tables, 18 of 100 rows, INC-82, on 2026-01-18 at 18:00.", loss(1800)),
        ("<!-- redact -->Backfills ran for Zylantra.<!-- /redact --> Later, backfills ran.", {}),
        ("<!-- redact -->Zylantra Foods<!-- /redact --> called. All food and foods.", {}),
        ("<!-- redact -->Zylantra paid EUR 48,310.<!-- /redact --> Others paid EUR 20.", {}),
        ("It took 3 hours, from 13:00 to 16:00.", HIDDEN_TIME),
    ],
)
def test_ordinary_words_and_numbers_are_no_leak(body: str, data: dict[str, Any]) -> None:
    other = postmortem(B, "We saw 100 rows of 200; Foods were late.")
    found = made((A, postmortem(A, body, **data)), (B, other))
    leak_check.check_sources(public_edition.edition(found, CONFIG))


def test_round_numbers_are_hidden_on_their_own_page_alone() -> None:
    text = postmortem(A, "We lost money.", **loss(100))
    edition = public_edition.edition(
        made((A, text), (B, postmortem(B, "We saw 100 rows."))), CONFIG
    )
    leak_check.check_sources(edition)


def test_a_severity_that_is_redacted_has_no_label_either() -> None:
    text = postmortem(A, "x", redact=["severity"])
    [entry] = public_edition.edition(made((A, text)), CONFIG).archive.entries
    assert entry.postmortem.severity_label == ""


def test_the_day_of_redacted_times_is_in_no_title_or_id() -> None:
    times = {"started_at": "2026-01-09T00:00Z"}
    text = postmortem("late", "x", timestamps=times, redact=["title", "timestamps"])
    [entry] = public_edition.edition(made(("late", text)), CONFIG).archive.entries
    assert entry.postmortem.title == "An incident"
    assert entry.postmortem.id == "undated-incident-1"


@pytest.mark.parametrize("related", ["2026-05-06-inside", ["2026-05-06-inside"], [{"id": [B]}], 7])
def test_nothing_refers_to_an_internal_postmortem(related: Any) -> None:
    text = postmortem(A, "x", related=related, recurrence_of=related)
    inside = postmortem("2026-05-06-inside", "x", confidentiality="restricted")
    found = made((A, text), ("2026-05-06-inside", inside))
    edition = public_edition.edition(found, CONFIG)
    leak_check.check_sources(edition)
    assert edition.archive.entries[0].postmortem.related == ()


def test_the_file_name_of_an_internal_postmortem_is_no_target() -> None:
    inside = postmortem("2026-05-06-inside", "x", confidentiality="internal")
    text = postmortem(A, "See [it](merger-of-zylantra.md).")
    found = made((A, text), ("merger-of-zylantra", inside))
    with pytest.raises(PluginError, match="merger-of-zylantra"):
        leak_check.check_sources(public_edition.edition(found, CONFIG))


def test_what_a_broken_document_redacts_is_hidden_too() -> None:
    broken = document.parse(
        "---\nid: [\n---\n\n<!-- redact -->Zylantra<!-- /redact --> owes.", f"incidents/{B}.md"
    )
    found = replace(made((A, postmortem(A, "Zylantra was late."))), broken=(broken,))
    with pytest.raises(PluginError, match="Zylantra"):
        leak_check.check_sources(public_edition.edition(found, CONFIG))


@pytest.mark.parametrize(
    "words",
    [
        "The vendor [redacted] asked us to redact the names; [redacted] paid.",
        "The [redaction policy](https://example.com/how-to-redact) says so.",
        "We should (redact the names first), then publish; **redact** it.",
        "`redact()` failed; call `redact`.",
        '```\nredact: true\n{"redact": 1}\n```',
        "| Step | Who |\n|---|---|\n| redact | shop |",
        "- Redact the names.\n\n## Redact",
    ],
)
def test_text_about_redaction_is_not_a_mark(words: str) -> None:
    assert redactions.problems(document.parse(postmortem(A, words), "a.md")) == []


def test_a_key_that_no_postmortem_has_is_refused_in_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"action_items\.\*\.isue"):
        redactions.check_keys(["action_items.*.isue"])


def test_the_author_decides_once_about_an_ordinary_word() -> None:
    data = {"observers": ["marketing"]}
    body = "The marketing dashboard was wrong."
    found = made((A, postmortem(A, body, **data)))
    with pytest.raises(PluginError) as error:
        leak_check.check_sources(public_edition.edition(found, CONFIG))
    said = str(error.value)
    assert f'"marketing" is redacted in incidents/2026/{A}.md:2 (observers)' in said
    assert f"incidents/2026/{A}.md:7" in said
    assert "reword" in said and "redact it there too" in said and "redact_except" in said
    found = made((A, postmortem(A, body, **data, redact_except=["marketing"])))
    leak_check.check_sources(public_edition.edition(found, CONFIG))


def test_values_published_under_another_key_are_not_secret() -> None:
    consumers = [{"team": "finance", "use": "the forecast"}]
    data = {"observers": ["finance", "data-platform"], "impact": {"consumers": consumers}}
    found = made((A, postmortem(A, "finance and data-platform noticed it.", **data)))
    leak_check.check_sources(public_edition.edition(found, CONFIG))


def test_the_address_of_evidence_leaves_the_text_and_its_words_stay() -> None:
    url = "https://example.com/bi/revenue?day=2026-01-02"
    evidence = [{"kind": "dashboard", "title": "Revenue by day", "url": url}]
    body = f"- [Revenue by day]({url}), also at <{url}>"
    edition = public_edition.edition(made((A, postmortem(A, body, evidence=evidence))), CONFIG)
    leak_check.check_sources(edition)
    [entry] = edition.archive.entries
    assert "- Revenue by day, also at <[redacted]>" in entry.document.text


def test_people_are_hidden_even_without_a_key() -> None:
    config = Config(Path("/x"), public_redact=())
    text = postmortem(A, "See zelda-handle.", roles={"incident_lead": "zelda-handle"})
    with pytest.raises(PluginError, match="zelda-handle"):
        leak_check.check_sources(public_edition.edition(made((A, text)), config))


@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_is_searched_without_a_fault(text: str, secret: str) -> None:
    body = f"<!-- redact -->{secret.replace('-->', '')}<!-- /redact -->\n\n{text}"
    found = document.parse(postmortem(A, body), f"incidents/2026/{A}.md")
    held = archive.Archive((archive.Entry(found, model.postmortem(found)),), ())
    list(leaks.find(public_edition.sound(held, CONFIG)))
