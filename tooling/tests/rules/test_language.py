"""Names, handles, addresses and promises: INC4xx."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from incident.repository import config
from rules.examples import BASE, found, lint, with_sections, with_yaml

LANGUAGE = ("INC411", "INC412", "INC413", "INC426")


def cause(text: str) -> str:
    return with_sections(f"## Root cause\n\n{text}\n")


def marked(code: str, text: str) -> list[str]:
    return [words for words, _ in found(code, cause(text))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ines Halvorsen merged it.", ["Ines Halvorsen"]),
        ("It was merged by Ines\nHalvorsen.", ["Ines"]),
        ("Halvorsen\u2019s filter dropped rows.", ["Halvorsen"]),
        ("Ines' filter, Ines's test and (Ines)", ["Ines", "Ines", "Ines"]),
        ("Then **Ines** and _Halvorsen_ looked.", ["Ines"]),
        ("Anne-Marie van Loon was paged.", ["Anne-Marie van Loon"]),
        ("Rafaela D\u2019Souza was paged.", ["Rafaela D\u2019Souza"]),
        ("Will May was paged.", ["Will May"]),
        ("Will it hold? May is a month. It may, and it will.", []),
        ("In the morning the default held. IN and in.", []),
        ("The `default` of the `halvorsen` cluster; Halvorsen was restarted.", []),
        ("`Ines Halvorsen` and <!-- Ines --> are not prose.", []),
        ("```\nInes Halvorsen\n```", []),
        ("The Ines server was restarted.", []),
        ("See https://example.com/Ines/Halvorsen and [a](./Ines.md).", []),
        ("The word inestimable, Inessential and Halvorsens.", []),
        ("ines and halvorsen in lower case", ["ines", "halvorsen"]),
        ("Will it hold? Then Will reverted it, and will may look.", ["Will", "will may"]),
        ("INES is an acronym", []),
        ("Ines.Halvorsen@example.com, @Ines", []),
    ],
)
def test_colleagues(text: str, names: list[str]) -> None:
    assert marked("INC411", text) == names


@pytest.mark.parametrize(
    "keys",
    [
        'title: "Ines merged a filter"\n',
        'impact: {summary: "Ines saw 82", assets: [{ref: a}]}\n',
        'detection: {method: engineer, source: "Ines"}\n',
        "action_items: [{id: AI-1, title: Ask Ines}]\n",
        "action_items:\n  - id: AI-1\n    title: >-\n      Ask\n      Ines\n",
        'action_items: [{id: AI-1, title: a, done_when: "Ines says so"}]\n',
        "evidence: [{title: the query of Ines}]\n",
    ],
)
def test_colleagues_in_the_frontmatter(keys: str) -> None:
    assert [words for words, _ in found("INC411", with_yaml(keys))] == ["Ines"]


@pytest.mark.parametrize(
    "keys", ["owner: ines\n", "roles: {incident_lead: Ines}\n", "tags: [Ines]\n"]
)
def test_a_name_may_stand_where_it_belongs(keys: str) -> None:
    assert found("INC411", with_yaml(keys)) == []


@pytest.mark.parametrize(
    ("roles", "text", "expected"),
    [
        ("incident_lead: tvik", "Tvik reverted it.", ["the incident lead"]),
        ("responders: [bo.lund]", "Lund reverted it.", ["a responder"]),
        ("responders: [mark]", "Mark reverted it.", []),
        ("responders: [data-oncall]", "Data was wrong.", []),
        ("responders: [finance]", "Finance asked.", []),
        ("responders: [tvik]", "tvik is called so here.", ["a responder"]),
        ("scribe: tvik", "the `tvik` host; Tvik was restarted", []),
    ],
)
def test_accounts_of_the_frontmatter(roles: str, text: str, expected: list[str]) -> None:
    document = with_yaml(f"roles: {{{roles}}}\n", cause(text))
    hits = [d for d in lint(document) if d.code == "INC411"]
    assert all(d.level == "warning" for d in hits)
    assert [d.hint.split('"')[1] for d in hits] == expected


def test_the_hint_knows_the_role() -> None:
    document = with_yaml("roles: {facilitator: ihalvorsen}\n", cause("Ines Halvorsen asked."))
    hint = next(d.hint for d in lint(document) if d.code == "INC411")
    assert hint == 'use the role, "the facilitator", or describe the action instead'


def test_names_allow() -> None:
    names = config.Names(allow=("Ines", "Tvik", "dmartel"))
    settings = dataclasses.replace(config.Config(root=Path("/nowhere")), names=names)
    text = cause("Ines and Tvik are servers, @dmartel a partner.")
    assert [d.code for d in lint(text, settings=settings) if d.code.startswith("INC4")] == []


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@dmartel saw it, then @ines-h.", ["@dmartel", "@ines-h"]),
        ("(@dmartel), **@dmartel**, [@dmartel](https://example.com/dmartel)", ["@dmartel"] * 3),
        ("@acme/data-platform, @data-platform-team, @oncall, @here, @dbt-bot", []),
        ("@finance asked, @sales too; @data-eng replied", []),
        ("`@dmartel` and `npm i @types/node`", []),
        ("```python\n@dmartel\n```", []),
        ("@angular/core 17 and actions/checkout@v4 and foo@latest", []),
        ("@task and @property and @app.route('/') decorate", []),
        ("mail dmartel@example.com or git@github.com:acme/shop.git", []),
        ("at 10:40 @ 5% and @ 3", []),
        ("see https://example.com/@dmartel", []),
        ("<!-- @dmartel -->", []),
    ],
)
def test_handles(text: str, handles: list[str]) -> None:
    assert marked("INC412", text) == handles


def test_a_handle_that_no_forge_allows_is_a_warning() -> None:
    hits = [d for d in lint(cause("The @start_date was wrong.")) if d.code == "INC412"]
    assert [d.level for d in hits] == ["warning"]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("ines.halvorsen@example.com", "error"),
        ("<ines.halvorsen@example.com>", "error"),
        ("[mail](mailto:ines.halvorsen@example.com)", "error"),
        ("someone42@gmail.com", "error"),
        ("ines@example.com", "error"),
        ("tvik@example.com", "warning"),
        ("data-team@example.com", None),
        ("oncall@example.com, support@example.com, noreply@example.com, alerts@example.com", None),
        ("data.platform@example.com and ds-list@example.com", None),
        ("no-reply+42@example.com", None),
        ("`ines.halvorsen@example.com`", None),
        ("```\nines.halvorsen@example.com\n```", None),
        ("git@github.com:acme/shop.git", None),
        ("postgres://loader@db.example.com/shop", None),
        ("loader@shop.iam.gserviceaccount.com", None),
        ("12345+tvik@users.noreply.github.com", None),
        ("foo@latest and a@b", None),
    ],
)
def test_addresses(text: str, level: str | None) -> None:
    hits = [d for d in lint(cause(text)) if d.code == "INC413"]
    assert [d.level for d in hits] == ([level] if level else [])


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("This will never happen again.", True),
        ("It won't happen again.", True),
        ("It won\u2019t ever happen to us again.", True),
        ("We ensure that it does not happen again.", True),
        ("We will make sure this\nnever happens again.", True),
        ("A test was added so that it never happens again.", True),
        ("It will not recur.", True),
        ("It did not happen again that day.", False),
        ("This had never happened before.", False),
        ("It never happens on Sundays.", False),
        ("If it should happen again, the test fires.", False),
        ('The vendor wrote "it will never happen again".', False),
        ('The vendor wrote "it\nwill never happen again".', False),
        ("The vendor wrote \u201cit will never happen again\u201d.", False),
        ('The "old" filter: it will never happen again.', True),
        ("> It will never happen again.", False),
        ("Never again do we load on Fridays.", False),
        ("`will never happen again`", False),
    ],
)
def test_promises(text: str, hit: bool) -> None:
    assert bool(marked("INC426", text)) is hit


def test_a_promise_as_an_action_item() -> None:
    text = with_yaml('action_items: [{id: AI-1, title: "Make sure it never happens again"}]\n')
    assert found("INC426", text)[0][0] == "Make sure it never happens again"


@pytest.mark.parametrize("code", LANGUAGE)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_places_hold_with_any_line_end(code: str, line_end: str) -> None:
    text = cause("\u00e9\u00e8 Ines, @dmartel and a.b@gmail.com: it will never happen again.")
    hits = found(code, text.replace("\n", line_end))
    expected = ("Ines", "@dmartel", "a.b@gmail.com", "will never happen again")
    assert [words for words, _ in hits] == [expected[LANGUAGE.index(code)]]


LONG = ("a", "@", "@a", "a.", "a@", "a@b.", " ", "Ines ", "ensure ", "will not ", "`", "???", "<")
MORE = ("[", "- ", "> ", "<!-- ", "will happen x ", "\n", "\n\n", "| ", "@a/", "- 1", "<describe ")


@pytest.mark.slow
@pytest.mark.parametrize("unit", LONG + MORE)
def test_long_lines_take_linear_time(unit: str) -> None:
    text = BASE + unit * (100_000 // len(unit))
    lint("warm up")
    begun = time.process_time()
    lint(text)
    assert time.process_time() - begun < 15  # quadratic time would take minutes


@pytest.mark.parametrize(
    ("code", "text", "hit"),
    [
        ("INC423", "Yesterday Kimberly forgot to rotate the key.", True),
        ("INC423", "The vendor forgot to rotate the key.", True),
        ("INC423", "They changed it without telling anyone.", True),
        ("INC423", "Nobody bothered to read the notes.", True),
        ("INC423", "The job failed to rotate the key.", False),
        ("INC423", "Unfortunately we failed to restart it twice.", False),
        ("INC423", "If someone forgot to rotate it, the page stays red.", False),
        ("INC423", "The attacker tried twice, but they failed to log in.", False),
        ("INC424", "Should have been rehearsed.", True),
        ("INC424", "The job ought not to have run.", True),
        ("INC424", "With a lock it would not have happened.", True),
        ("INC424", "A limit would also have caught it.", True),
        ("INC424", "The loss could've been prevented.", True),
        ("INC424", "It was likely that, had we not tried again, the table was safe.", True),
        ("INC424", "We should have alerting on this.", False),
        ("INC424", "The late rows should have been automatically added.", False),
        ("INC424", "All invoices should have been corrected by now.", False),
        ("INC424", "We should have automatically been told.", True),
        ("INC424", "If we had shipped a day sooner, it wouldn\u2019t have helped.", False),
        ("INC424", "Even if we had run the test, it would not have caught this.", False),
        ("INC424", "If we had waited, it would have made no difference.", False),
        ("INC424", "We would not have detected it if it had been used.", True),
        ("INC424", "Even if we had looked, the alert would still have been late.", False),
        ("INC423", "We had the new key on Monday, but did not properly communicate it.", True),
        ("INC423", "We restarted the job, but it did not validate the rows.", False),
        ("INC424", "If we had waited, it would not have happened. It wouldn't have hurt.", True),
        ("INC424", "The outage could have taken a week.", False),
        ("INC424", "An attacker could have read it. They could have stopped the job.", False),
        ("INC424", "Rows that should have been deleted were kept.", False),
        ("INC424", "It runs the step only if only one file changed.", False),
        ("INC425", "The schema was accidentally dropped.", True),
        ("INC425", "The release accidentally uploaded a file.", False),
        ("INC425", "A prompt now prevents anyone from inadvertently deleting it.", False),
        ("INC426", "A repeat is now impossible.", True),
        ("INC426", "From today no wrong figure leaves the house.", True),
        ("INC426", "We took measures to prevent similar incidents from occurring.", False),
        ("INC426", "How do we prevent this from happening again?", False),
        ("INC429", "It was obvious that rows were missing.", True),
        ("INC429", "Of course, the culprit was a view.", False),
        ("INC429", "It was not obvious which job was late.", False),
    ],
)
def test_wording(code: str, text: str, hit: bool) -> None:
    assert bool(marked(code, text)) is hit
