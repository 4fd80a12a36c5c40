"""People whom no roster knows: 103 common first names in sentences that blame and that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.archive.roster import Roster, roster
from incident.repository import config
from rules.examples import BASE, lint, marked, with_sections, with_yaml

_NAMES = """
Aaron Adam Aisha Alan Alex Alexander Alice Amanda Amy Andrea Andrew Angela Anna Anthony Ben
Benjamin Brandon Brian Carlos Carol Catherine Charles Chen Chloe Chris Christopher Claire Cynthia
Dan Daniel David Deborah Diana Diego Dmitri Elena Elizabeth Emily Emma Eric Ethan Fatima Fiona
Frank Gary George Grace Hannah Heather Helen Henry Ivan Jack Jacob James Jane Jason Jennifer
Jessica John Jonathan Joseph Joshua Julia Karen Katherine Kevin Kim Laura Linda Lisa Lucas Luis
Maria Mark Martin Mary Matthew Michael Michelle Mohammed Nancy Nicole Olivia Patricia Paul Peter
Priya Rachel Raj Rebecca Richard Robert Ryan Samantha Sandra Sarah Scott Stephen Steven Susan
Thomas Will
"""
FIRST_NAMES = _NAMES.split()
BLAMING = (
    "On Friday NAME forgot to rotate the key.",
    "The load was late because NAME did not check the row count.",
    "NAME broke the nightly load with a filter that compared names.",
    "According to the log, NAME kept retrying for an hour.",
    "Nobody knew how to stop the load, as NAME was out sick that week.",
    "The alert had been ignored by NAME since the release.",
)
HARMLESS = (
    "The NAME server was restarted after the load.",
    "At 10:40 the host NAME ran out of disk space.",
    "Two tables on `NAME` were empty, so NAME was rebuilt.",
    "The backup is kept in s3://backups/NAME/daily and on db-NAME-01.",
    "The load moved to NAME-02 and later to NAME.example.com.",
    "In the cluster NAME every second partition was missing.",
)
SETTINGS = config.Config(root=Path("/nowhere"), select=("INC41",))


def flagged(sentence: str) -> set[str]:
    """The words of a root cause that some rule takes for a person, without a roster."""
    text = with_sections(f"## Root cause\n\n{sentence}\n")
    return {marked(text, d) for d in lint(text, Roster(), settings=SETTINGS)}


def test_the_names_are_many() -> None:
    assert len(FIRST_NAMES) == len(set(FIRST_NAMES)) == 103
    assert lint(BASE, Roster()) == []


@pytest.mark.parametrize("sentence", BLAMING)
def test_blame_by_name_is_found(sentence: str) -> None:
    missed = [name for name in FIRST_NAMES if name not in flagged(sentence.replace("NAME", name))]
    assert len(missed) <= 0.05 * len(FIRST_NAMES), missed


@pytest.mark.parametrize("sentence", HARMLESS)
def test_things_called_like_people_pass(sentence: str) -> None:
    wrong = [name for name in FIRST_NAMES if flagged(sentence.replace("NAME", name))]
    assert len(wrong) <= 0.02 * len(FIRST_NAMES), wrong


def colleagues(*authors: str, places: tuple[str, ...] = ()) -> Roster:
    """The roster of git authors, written as in git: `Name <address>`."""
    pairs = [author.rstrip(">").split(" <") for author in authors]
    return roster((name for name, _ in pairs), (mail for _, mail in pairs), places=places)


@pytest.mark.parametrize(
    "author",
    [
        "Northwind Release Robot <robot@northwind.example>",
        "northwind-bot <bot@northwind.example>",
        "Data Platform Team <data@northwind.example>",
        "GitHub Actions <actions@github.com>",
        "CI <ci@northwind.example>",
        "Northwind Analytics <x1@northwind.example>",
        "northwind.com <x2@northwind.example>",
        "Release Manager <x3@northwind.example>",
        "The Security Committee <x4@northwind.example>",
        "You <you@northwind.example>",
        "Error Log <log@northwind.example>",
    ],
)
def test_what_is_no_person_in_git_adds_no_names(author: str) -> None:
    found = colleagues(author, places=("northwind", "warehouse"))
    assert not (found.full or found.single or found.careful or found.nicks)


def test_half_a_name_that_is_a_word_needs_the_other_half_or_a_verb() -> None:
    found = colleagues(
        "Node Halvorsen <nh@a.example>", "Grace Most <gm@a.example>", "Tvik May <tm@a.example>"
    )
    assert found.full == {("node", "halvorsen"), ("grace", "most"), ("tvik", "may")}
    assert found.single == {"halvorsen", "tvik"}
    assert found.careful == {"grace", "may"}


def test_git_knows_accounts_too() -> None:
    found = colleagues(
        "Ines Halvorsen <1234+ihalvo@users.noreply.github.com>",
        "dmartelo <info@shop.example>",
        "Acme <billing@acme.example>",
        "Bo Lund <tools@a.example>",
    )
    assert found.nicks == {"ihalvo", "dmartelo"}


def said(sentence: str, known: Roster) -> list[tuple[str, str]]:
    """What some rule takes for a person in a root cause, each with its level."""
    text = with_sections(f"## Root cause\n\n{sentence}\n")
    return [(marked(text, d), d.level.value) for d in lint(text, known, settings=SETTINGS)]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("On Monday Grace broke the load.", ["Grace"]),
        ("A Grace period of a day was given; with grace.", []),
        ("In May the load was slow, and May is over.", []),
        ("Then ihalvo merged it.", ["ihalvo"]),
        ("The `ihalvo` schema was dropped, and ihalvo with it.", []),
        ("See ihalvo/shop, ihalvo.example.com and db-ihalvo.", []),
        ("The ihalvo schema was dropped.", []),
        ("then halvorsen said no", ["halvorsen"]),
    ],
)
def test_colleagues_by_what_they_do(sentence: str, found: list[str]) -> None:
    known = colleagues("Grace May <ihalvo@a.example>", "Ines Halvorsen <ih@a.example>")
    assert said(sentence, known) == [(name, "error") for name in found]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Alice sends a token to Bob, and Bob checks it.", []),
        ("Alice Ferreira sent a token to Bob.", ["Alice Ferreira", "Bob"]),
        ("- 17:21 XST: the team asked", []),
        ("- 17:21 KJ reverted the filter", ["KJ"]),
        ("- Rewrite the runbook [KJ]\n- Add a test [IBG]", ["KJ", "IBG"]),
        ("- Rewrite the runbook [KJ]", []),
        ("Tomasz and KJ looked at it.", ["Tomasz", "KJ"]),
        ("The LUCI logs had been read, and Delta logs too.", []),
        ("I've worked on it.", []),
        ("on friday tomasz forgot to rotate the key, says katarzyna", ["tomasz"]),
        ("Open the Dev Panel; tomasz is the name of a queue.", []),
        (
            "Calixto Brendovar reverted it, and Brendovar tested.",
            ["Calixto Brendovar", "Brendovar"],
        ),
        ("Thanks to Tvikas Brendovar for the report.", ["Tvikas Brendovar"]),
        ("Brendovar Platform released a fix.", []),
        # a product, by what the document calls it elsewhere
        ("Brendovar Tvikas reverted it. The Brendovar CSI was down.", []),
        ("Brendovar Tvikas reverted it. We asked Brendovar Support.", []),
        ("Brendovar Tvikas reverted it. The support was down.", ["Brendovar Tvikas"]),
        ("The Tvikas Brendovar cluster was down.", []),
        ("Max Brendovar was away.", ["Max Brendovar"]),
        ("Anna-Sofie merged it.", ["Anna-Sofie"]),
        ("ask donors@example.org, tsc@example.org or acme@acme.example", []),
        ("job@0.timer and backup@daily.service failed", []),
        ("brendovar@ was paged; an @emergency role", ["brendovar@"]),
        ("Ana Souza Lima reverted it.", ["Ana Souza Lima"]),
        ("Ana Van Der Brendova reverted it.", ["Ana Van Der Brendova"]),
        ("Ludovic de la Fontaine reverted it.", ["Ludovic de la Fontaine"]),
    ],
)
def test_shapes_of_names(sentence: str, found: list[str]) -> None:
    assert [name for name, _ in said(sentence, Roster())] == found


HALVORSEN = roster(["Ines Halvorsen"], ["ihalvo@shop.example"])


@pytest.mark.parametrize(
    ("markdown", "hint"),
    [
        ("## Attendees\n\n1. Ines Halvorsen\n2. Tomasz Brendovar\n", "move the list"),
        ("## Participants\n\nInes Halvorsen, Tomasz Brendovar\n", "move the list"),
        ("## Notes\n\nFacilitator: Ines Halvorsen\n", "move the list"),
        ("## Attendees\n\n- @ihalvo\n", "move the list"),
        ("## Action items\n\n- Ines Halvorsen will add a test on orders\n", "`owner`"),
        ("## Action items\n\n- Names are compared. @ihalvo will add a test\n", "`owner`"),
        ("## Action items\n\n- [Ines] Add a test on orders\n", "`owner`"),
        ("## Action items\n\n- Ask Ines about the filter\n", "use the role"),
        ("## Attribution\n\nThe hole was reported by Ines Halvorsen.\n", "thank the role"),
        ("## Root cause\n\nKudos to Ines for the report.\n", "thank the role"),
        ("## Root cause\n\nInes Halvorsen reverted the filter.\n", "use the role"),
    ],
)
def test_the_hint_says_where_a_name_belongs(markdown: str, hint: str) -> None:
    found = lint(with_sections(markdown), HALVORSEN, settings=SETTINGS)
    assert found
    assert all(hint in one.hint for one in found)
    # a role in its place would lose who it was
    assert all(one.fix is None for one in found if "move" in hint or "owner" in hint)


def test_a_name_in_an_items_title_moves_to_its_owner() -> None:
    title = "Ines Halvorsen will add a test on orders"
    text = with_yaml(f'action_items:\n  - {{id: AI-1, title: "{title}"}}\n')
    assert {one.hint for one in lint(text, HALVORSEN, settings=SETTINGS)} == {
        "move the name to the action item's `owner`"
    }


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("Ines Halvorsen (@ihalvo) reverted it. Then @ihalvo tested.", {"Ines Halvorsen"}),
        ("@ihalvo (Ines Halvorsen) reverted it.", {"Ines Halvorsen"}),
        ("Ines Halvorsen and @ihalvo reverted it.", set()),
        ("Ines Halvorsen (@ihalvo, @tvikas) reverted it.", set()),
    ],
)
def test_a_handle_beside_a_name_is_told_with_it(sentence: str, names: set[str]) -> None:
    text = with_sections(f"## Root cause\n\n{sentence}\n")
    handles = [one for one in lint(text, settings=SETTINGS) if one.code == "INC412"]
    assert handles
    assert {n for n in names if all(f'@ihalvo ("{n}")' in d.message for d in handles)} == names
    assert names or not any("(" in one.message for one in handles)
