"""Has this happened before? The postmortems most similar to an incident or to some words.

What two postmortems may share, and how much each such trait says, is decided here alone: the wiki's
related incidents use the same traits and weights. A large archive is first searched as bytes; only
the likeliest files are read as postmortems.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from incident import archive, word_lists
from incident.archive import Entry, files
from incident.postmortem.document import Document
from incident.postmortem.model import Postmortem, postmortem
from incident.repository.config import Config
from incident.text.counts import some
from incident.text.lazy_regex import lazy

CANDIDATES = 40
ENOUGH = 1.5
_WORDS = 60

# How much a shared trait says. `root`: the asset in which it began, also where the part that an
# asset had is not known; `pattern`: the same kind, cause and trigger together.
WEIGHTS = {
    "root": 6.0,
    "asset": 3.0,
    "more_assets": 1.0,
    "name": 4.0,
    "check": 4.0,
    "cause": 2.0,
    "trigger": 1.0,
    "pattern": 1.6,
    "tag": 2.0,
    "text": 6.0,
}
_COMMENT = lazy(r"(?:^|[ \t])#[^\n]*", re.MULTILINE)  # the templates show examples there
_CHECK_REF = lazy(r"dbt:(?:test|unit_test)\.[\w.-]+")
_TOKEN = lazy(r"[^\W\d_][\w-]{2,}")


class Trait(NamedTuple):
    """Something that incidents may share; `kind` is a key of `WEIGHTS`."""

    kind: str
    value: str


@dataclass(frozen=True)
class Subject:
    """The search. `assets`, `checks`: references; `words`: lower-case stems."""

    words: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    cause: str = ""
    trigger: str = ""
    id: str = ""


@dataclass(frozen=True)
class Similar:
    """A postmortem, its score (higher is more similar), and the reasons in words."""

    postmortem: Postmortem
    score: float
    why: tuple[str, ...]


def traits(p: Postmortem) -> Iterator[tuple[Trait, str]]:
    """Traits that other incidents may share, each once, with a description."""
    refs = {asset.ref: asset for asset in reversed(p.assets)}
    for ref, asset in refs.items():
        if asset.role == "root":
            yield Trait("root", ref), f"also started in {asset.name}"
        yield Trait("asset", ref), f"also affected {asset.name}"
    if p.kind and p.cause_category not in {"", "unknown"}:
        what = f"{p.kind} through {p.cause_category}".replace("_", " ")
        yield Trait("pattern", f"{p.kind} {p.cause_category} {p.trigger}"), f"also {what}"
    for tag in dict.fromkeys(p.tags):
        yield Trait("tag", tag), f"also tagged {tag}"


def weight(trait: Trait, sharing: int) -> float:
    """The weight of a trait that this many incidents share: more means less."""
    return WEIGHTS[trait.kind] / math.log2(1 + sharing)


def of_text(text: str, language: str, assets: Iterable[str] = ()) -> Subject:
    """The search for a title, a question or an asset's name."""
    refs = tuple(assets)
    return Subject(
        words=words(text, language), assets=refs, checks=tuple(_CHECK_REF().findall(text))
    )


def of_entry(entry: Entry, language: str) -> Subject:
    """The search for incidents similar to a postmortem."""
    p = entry.postmortem
    return Subject(
        words=words(_said(entry.document, p), language)[:_WORDS],
        assets=tuple(asset.ref for asset in p.assets),
        checks=tuple(checks(entry.document, entry.postmortem)),
        cause="" if p.cause_category == "unknown" else p.cause_category,
        trigger="" if p.trigger == "unknown" else p.trigger,
        id=p.id,
    )


def like(text: str, config: Config) -> Subject:
    """The subject of the postmortem with the id `text`, else of the text itself.

    A unique part of an id is enough where it begins with the day; other words are words.
    """
    if re.fullmatch(r"[\w.-]+", text):
        paths = list(files.postmortem_paths(config.archive_dir))
        same = [path for path in paths if path.stem == text]
        if not same and re.match(r"\d{4}-\d{2}-\d{2}", text):
            same = [path for path in paths if text in path.stem]
        if len(same) == 1:
            found = archive.read(same[0], config)
            if not found.faults:
                return of_entry(Entry(found, postmortem(found)), config.language)
    return of_text(text, config.language, [text] if ":" in text and " " not in text else [])


def nearest(
    subject: Subject,
    config: Config,
    limit: int,
    read: Callable[[Path], Entry | None] | None = None,
) -> list[Similar]:
    """At most `limit` postmortems of the archive, most similar first.

    Without drills, duplicates and the subject itself. `read`: what is compared of a postmortem;
    None leaves it out.
    """
    paths = [p for p in files.postmortem_paths(config.archive_dir) if p.stem != subject.id]
    likely, weights = _likely(subject, paths, config)
    found = []
    for path in likely:
        entry = read(path) if read else _read(path, config)
        if entry is None:
            continue
        p = entry.postmortem
        if p.drill or p.closed_as == "duplicate" or p.id == subject.id:
            continue
        score, why = _score(subject, entry, weights, config.language)
        if score >= ENOUGH:
            found.append(Similar(p, round(score, 3), tuple(why)))
    found.sort(key=lambda one: one.postmortem.id, reverse=True)
    return sorted(found, key=lambda one: -one.score)[:limit]


def _read(path: Path, config: Config) -> Entry | None:
    document = archive.read(path, config)
    return None if document.faults else Entry(document, postmortem(document))


def words(text: str, language: str) -> tuple[str, ...]:
    """The significant words of a text, in order, each once, without a plural s."""
    stems = (_stem(match[0]) for match in _TOKEN().finditer(text.casefold()))
    common = word_lists.words("common_words", language)
    return tuple(dict.fromkeys(stem for stem in stems if stem not in common and len(stem) > 2))


def checks(document: Document, p: Postmortem) -> Iterator[str]:
    """The dbt tests that the frontmatter names, and what detected the incident."""
    found = _CHECK_REF().findall(_COMMENT().sub("", document.text[: document.meta.end]))
    yield from dict.fromkeys(found)
    if p.detection_source:
        yield p.detection_source


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and word[-2] not in "siu" else word


def _said(document: Document, p: Postmortem) -> str:
    parts = [p.title, p.impact_summary, " ".join(p.tags)]
    return " ".join([*parts, document.section_text("summary"), document.section_text("root_cause")])


def _likely(
    subject: Subject, paths: list[Path], config: Config
) -> tuple[list[Path], dict[str, float]]:
    """The most promising files, and the weight of each word (rare words weigh more)."""
    terms = [(word.encode(), word) for word in subject.words]
    fixed = [(name.casefold().encode(), WEIGHTS["name"]) for name in _names(subject.assets)]
    fixed += [(check.casefold().encode(), WEIGHTS["check"]) for check in subject.checks]
    if subject.cause:
        fixed.append((f"cause_category: {subject.cause}".encode(), WEIGHTS["cause"]))
    if subject.trigger:
        fixed.append((f"trigger: {subject.trigger}".encode(), WEIGHTS["trigger"]))
    hits: list[tuple[Path, float, list[str]]] = []
    counts = dict.fromkeys(subject.words, 0)
    for path in paths:
        raw = files.read_bytes(path, config)
        if isinstance(raw, str):
            continue
        raw = raw.lower()
        here = [word for term, word in terms if term in raw and _whole(term, raw, rb"(?!\d)")]
        score = sum(weight for term, weight in fixed if term in raw and _whole(term, raw))
        if here or score:
            hits.append((path, score, here))
        for word in here:
            counts[word] += 1
    weights = {word: math.log(1 + len(paths) / n) for word, n in counts.items() if n}
    total = sum(weights.values()) or 1.0

    def rank(hit: tuple[Path, float, list[str]]) -> float:
        _, score, here = hit
        return -(score + WEIGHTS["text"] * sum(weights[word] for word in here) / total)

    hits.sort(key=lambda hit: hit[0].name, reverse=True)  # of equals, the newest first
    return [hit[0] for hit in sorted(hits, key=rank)[:CANDIDATES]], weights


def _whole(term: bytes, raw: bytes, end: bytes = rb"(?!\w)") -> bool:
    """Whether `term` is a word in `raw`: `fct_7` is not in `fct_70`."""
    return re.search(rb"(?<!\w)" + re.escape(term) + end, raw) is not None


def _names(refs: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(re.split(r"[.:/]", ref)[-1] or ref for ref in refs))


def _score(
    subject: Subject, entry: Entry, weights: dict[str, float], language: str
) -> tuple[float, list[str]]:
    p = entry.postmortem
    score = 0.0
    why: list[str] = []
    theirs = [asset.ref for asset in p.assets]
    shared = [ref for ref in theirs if ref in subject.assets]
    if shared:
        score += WEIGHTS["root"] + WEIGHTS["more_assets"] * min(3, len(shared) - 1)
        why.append(f"shares {some(shared, 2)}")
    elif named := [n for n in _names(theirs) if n in _names(subject.assets)]:
        score += WEIGHTS["name"]
        why.append(f"shares {some(named, 2)}")
    elif named := [n for n in _names(theirs) if {n.casefold(), _stem(n)} & set(subject.words)]:
        score += WEIGHTS["name"]  # a table's name was typed
        why.append(f"concerns {some(named, 2)}")
    if same := [c for c in checks(entry.document, entry.postmortem) if c in subject.checks]:
        score += WEIGHTS["check"]
        why.append(f"same check {some(same, 2)}")
    if subject.cause and p.cause_category == subject.cause:
        score += WEIGHTS["cause"]
        why.append(f"same cause {subject.cause}")
    if subject.trigger and p.trigger == subject.trigger:
        score += WEIGHTS["trigger"]
        why.append(f"same trigger {subject.trigger}")
    told = set(words(_said(entry.document, p), language))
    common = sorted((w for w in subject.words if w in told), key=lambda w: -weights.get(w, 0.0))
    total = sum(weights.get(w, 1.0) for w in subject.words)
    if common and total:
        score += WEIGHTS["text"] * sum(weights.get(w, 0.0) for w in common) / total
        why.append(f"words in common: {', '.join(common[:4])}")
    return score, why
