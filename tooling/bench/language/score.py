"""Score the names and blame rules on labeled lines: precision and recall, by line and by entity.

A file of lines is NDJSON. names: {"text", "persons": [], "handles": [], "emails": [], "source"};
blame: {"text", "label": ok|blame|counterfactual|never_again|vague_action, "source"}. Each source
is one document, as the rules look at a whole text for evidence.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from incident.archive import roster as people
from incident.diagnostic import Level
from incident.lint import linter
from incident.postmortem import document
from incident.repository import config
from incident.rules import action_item_vague

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 21, tzinfo=UTC)
NAMES = ("INC411", "INC412", "INC413", "INC414", "INC415", "INC416", "INC417", "INC418")
CLASSES = {
    "INC421": "blame",
    "INC422": "blame",
    "INC423": "blame",
    "INC424": "counterfactual",
    "INC425": "blame",
    "INC426": "never_again",
    "INC428": "blame",
    "INC429": "blame",
    "INC430": "blame",
}
BULLET = " \t-*+0123456789.)[]x"


class Score(NamedTuple):
    """Counts of true and false positives, and of what was missed."""

    tp: int
    fp: int
    fn: int

    def __str__(self) -> str:
        p = self.tp / (self.tp + self.fp) if self.tp + self.fp else 1.0
        r = self.tp / (self.tp + self.fn) if self.tp + self.fn else 1.0
        f = 2 * p * r / (p + r) if p + r else 0.0
        return f"{p:.2f} | {r:.2f} | {f:.2f} | {self.tp} | {self.fp} | {self.fn}"


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a labeled file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def spans(rows: list[dict[str, Any]], roster: list[str]) -> list[list[tuple[str, str, Level]]]:
    """Per row: code, marked words and level of what the rules found in it."""
    texts = [row["text"].replace("\n", " ") for row in rows]
    body = "\n\n".join(texts) + "\n"
    base = config.Config(root=Path("/nowhere"))
    using = linter.make(base, NOW, people.roster(roster))
    found: list[list[tuple[str, str, Level]]] = [[] for _ in rows]
    for d in using.check(document.parse(body, "lines.md")):
        row, rest = divmod(d.span.line - 1, 2)
        if rest == 0 and row < len(rows) and d.code[:4] == "INC4":
            end = d.span.end_column - 1 if d.span.end_line == d.span.line else None
            found[row].append((d.code, texts[row][d.span.column - 1 : end], d.level))
    return found


def by_source(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows by source, in order."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["source"]].append(row)
    return groups


def names(rows: list[dict[str, Any]], with_roster: bool, level: Level | None) -> Score:
    """Entities: a mark counts for a person when it lies in the name, or the name in it."""
    tp = fp = fn = 0
    for group in by_source(rows).values():
        roster = sorted({p for row in group for p in row.get("roster", row["persons"])})
        for row, hits in zip(group, spans(group, roster if with_roster else []), strict=True):
            marks = [
                words.lstrip("@")
                for code, words, hit in hits
                if code in NAMES and (level is None or hit is level)
            ]
            entities = [
                one.lstrip("@") for one in (*row["persons"], *row["handles"], *row["emails"])
            ]
            hit_entities = {e for e in entities if any(m in e or e in m for m in marks)}
            tp += len(hit_entities)
            fn += len(set(entities) - hit_entities)
            wrong = [m for m in marks if not any(m in e or e in m for e in entities)]
            fp += len(wrong)
            if "-v" in sys.argv and (wrong or set(entities) - hit_entities):
                missed = sorted(set(entities) - hit_entities)
                print(f"  wrong {wrong} missed {missed}: {row['text'][:150]}")
    return Score(tp, fp, fn)


def blame(rows: list[dict[str, Any]]) -> dict[str, Score]:
    """By class, and any class against none."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for group in by_source(rows).values():
        for row, hits in zip(group, spans(group, []), strict=True):
            said = {CLASSES[code] for code, _, _ in hits if code in CLASSES}
            if action_item_vague.vague_opening(row["text"].lstrip(BULLET), "en"):
                said.add("vague_action")
            wanted = row["label"]
            for kind in ("blame", "counterfactual", "never_again", "vague_action"):
                key = ("tp" if wanted == kind else "fp") if kind in said else ""
                key = key or ("fn" if wanted == kind else "tn")
                counts[kind][key] += 1
            any_key = ("tp" if wanted != "ok" else "fp") if said else ""
            any_key = any_key or ("fn" if wanted != "ok" else "tn")
            counts["any"][any_key] += 1
            if "-v" in sys.argv and any_key in {"fp", "fn"}:
                print(f"  {any_key} {wanted} {sorted(said)}: {row['text'][:150]}")
    return {kind: Score(c["tp"], c["fp"], c["fn"]) for kind, c in counts.items()}


def main() -> None:
    folders = [Path(arg) for arg in sys.argv[1:] if not arg.startswith("-")] or [HERE]
    for folder in folders:
        for title, file in (("names", "names.jsonl"), ("blame", "blame.jsonl")):
            rows = read(folder / file)
            print(f"\n### {title}, {folder.name}: {len(rows)} lines\n")
            print(
                "| what | precision | recall | F1 | tp | fp | fn |\n|---|---|---|---|---|---|---|"
            )
            if title == "names":
                print(f"| with a roster, errors | {names(rows, True, Level.ERROR)} |")
                print(f"| with a roster, errors and warnings | {names(rows, True, None)} |")
                print(f"| no roster, errors | {names(rows, False, Level.ERROR)} |")
                print(f"| no roster, errors and warnings | {names(rows, False, None)} |")
            else:
                for kind, score in blame(rows).items():
                    print(f"| {kind} | {score} |")


if __name__ == "__main__":
    main()
