"""Suppressions, id, owner and times: INC0xx and INC1xx."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.postmortem import document
from incident.repository import config
from rules.examples import BASE, STEM, found, lint, with_sections, with_yaml

CAUSE = (
    "## Root cause\n\n"
    "The filter compared the beginning of a name where it should compare the key of a line.\n\n"
)
PROMISE = "This will never happen again.\n"


def stamps(**times: str) -> str:
    lines = "".join(f"  {key}: {value}\n" for key, value in times.items())
    return with_yaml(f"timestamps:\n{lines}")


def codes(text: str, **kwargs: object) -> list[str]:
    return [d.code for d in lint(text, **kwargs)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("<!-- incident-ignore: never-again -- the vendor's words -->", []),
        ("<!-- incident-ignore: INC426 -- the vendor's words -->", []),
        ("<!-- incident-ignore: INC4 \u2014 the vendor's words -->", []),
        pytest.param("<!-- incident-ignore: never-again -->", ["INC003", "INC426"]),
        ("<!-- incident-ignore: never-again -- TBD -->", ["INC003"]),
        ("<!-- incident-ignore: -- why not -->", ["INC003", "INC426"]),
        ("<!-- incident-ignore -->", ["INC003", "INC426"]),
        ("<!-- incident-ignore: never-agian -- a reason -->", ["INC003", "INC426"]),
        ("<!-- incident-ignore: never-again, never-agian -- a reason -->", ["INC003"]),
        ("<!-- incident-ignore: never-again, INC412 -- a reason -->", ["INC004"]),
        pytest.param("<!-- incident-ignore: INC412 -->", ["INC003", "INC426"]),
    ],
)
def test_suppressions_are_judged(comment: str, expected: list[str]) -> None:
    assert codes(with_sections(f"{CAUSE}{comment}\n{PROMISE}")) == expected


def test_an_unknown_rule_gets_a_suggestion() -> None:
    text = with_sections(f"{CAUSE}<!-- incident-ignore: never-agian -- a reason -->\n{PROMISE}")
    hint = next(d.hint for d in lint(text) if d.code == "INC003")
    assert hint == "did you mean `never-again`?"


def test_a_rule_that_does_not_run_is_not_unused() -> None:
    text = with_sections(f"{CAUSE}<!-- incident-ignore: never-again -- why -->\nNothing.\n")
    assert codes(text) == ["INC004"]
    off = config.Config(root=Path("/nowhere"), ignore=("never-again",))
    assert codes(text, settings=off) == []
    late = with_yaml("status: draft\nlint: {ignore: [{rule: what-went-well, reason: a trial}]}\n")
    assert codes(late) == ["INC107"]


def test_the_unused_suppression_can_itself_be_ignored() -> None:
    keys = "lint: {ignore: [{rule: unused-suppression, reason: moved by a script}]}\n"
    text = with_sections(f"{CAUSE}<!-- incident-ignore: never-again -- why -->\nNo.\n")
    assert codes(with_yaml(keys, text)) == []


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("{rule: never-again, reason: why}", ["INC004"]),
        ("{rule: never-again}", ["INC002"]),
        ("{rule: never-again, reason: TBD}", ["INC003", "INC004"]),
        ("{rule: newer, reason: why}", ["INC003"]),
    ],
)
def test_suppressions_of_a_file(item: str, expected: list[str]) -> None:
    assert codes(with_yaml(f"lint: {{ignore: [{item}]}}\n")) == expected


@pytest.mark.parametrize(
    ("path", "hit"),
    [
        (f"{STEM}.md", False),
        (f"incidents/2025/{STEM}.md", False),
        ("-", False),
        ("incidents/2025/2025-05-14-other.md", True),
        ("incidents/2025/Revenue low.md", True),
    ],
)
def test_id_and_file(path: str, hit: bool) -> None:
    assert ("INC101" in codes(BASE, path=path)) is hit


def test_an_id_that_leads_out_gets_no_advice_to_rename_the_file_so() -> None:
    hint = next(d.hint for d in lint(with_yaml("id: ../../x\n")) if d.code == "INC101")
    assert hint == f"write `id: {STEM}`"
    assert found("INC101", with_yaml("id: ../../x\n"))[0][0] == "../../x"


@pytest.mark.parametrize(
    ("owner", "hit"),
    [
        ("data-platform", False),
        ("okafor3", False),
        ('""', True),
        ("'@data-platform'", True),
        ("<owner>", True),
        ("'???'", True),
        ("tbd", True),
        ("unknown", True),
        ("team-unknown-pleasures", False),
    ],
)
def test_owner(owner: str, hit: bool) -> None:
    assert bool(found("INC102", with_yaml(f"owner: {owner}\n"))) is hit


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("2025-05-14T09:40Z", None),
        ("2025-05-14T09:40:12.5+05:30", None),
        ("2025-05-14 09:40+00:00", None),
        ("2025-05-14T09:40", "has no UTC offset"),
        ("2025-05-14 09:40:00", "has no UTC offset"),
        ("2025-05-14 09:40 UTC", "has a zone name instead of an offset"),
        ("2025-05-14 09:40z", "has a zone name instead of an offset"),
        ("2025-05-14", "has no time of day"),
        ("2025-05-14T29:40Z", "is not a valid time"),
        ("2025-02-30T09:40Z", "is not a valid time"),
        ("yesterday", "is not an ISO 8601 time"),
        ("14.05.2025 09:40", "is not an ISO 8601 time"),
        ('""', "is empty"),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_timestamp_formats(written: str, says: str | None, quote: str) -> None:
    value = written if '"' in written else f"{quote}{written}{quote}"
    hits = found("INC103", stamps(detected_at=value))
    if says is None:
        assert hits == []
    else:
        assert len(hits) == 1
        assert hits[0][0] == value
        assert hits[0][1].endswith(says)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (
            {"started_at": "2025-05-14T08:00Z", "detected_at": "2025-05-14T09:40+02:00"},
            "detected_at 2025-05-14T09:40+02:00 is 20 min before started_at 2025-05-14T08:00Z",
        ),
        ({"started_at": "2025-05-14T02:10Z", "detected_at": "2025-05-14T01:55-05:00"}, None),
        ({"started_at": "2025-05-14T02:10Z", "detected_at": "2025-05-14T02:10Z"}, None),
        (
            {"started_at": "2025-05-14T02:10:30Z", "resolved_at": "2025-05-14T02:10:05Z"},
            "resolved_at 2025-05-14T02:10:05Z is 25 s before started_at 2025-05-14T02:10:30Z",
        ),
        (
            {"corrected_at": "2025-05-14T12:00Z", "resolved_at": "2025-05-14T11:00Z"},
            "corrected_at 2025-05-14T12:00Z is 1 h after resolved_at 2025-05-14T11:00Z",
        ),
        (
            {"started_at": "2025-05-14T12:00Z", "consumers_notified_at": "2025-05-14T11:00Z"},
            "consumers_notified_at 2025-05-14T11:00Z is 1 h before started_at 2025-05-14T12:00Z",
        ),
        ({"mitigated_at": "2025-05-14T12:00Z", "corrected_at": "2025-05-14T11:00Z"}, None),
        ({"started_at": "0001-01-01T00:00+14:00", "detected_at": "9998-12-31T23:59-12:00"}, None),
        ({"started_at": "soon", "detected_at": "2025-05-14T11:00Z"}, None),
    ],
)
def test_order_of_instants(times: dict[str, str], expected: str | None) -> None:
    hits = found("INC104", stamps(**times))
    assert [message for _, message in hits] == ([expected] if expected else [])
    if expected:
        assert hits[0][0] in expected.split(" is ")[0]


def test_one_slip_is_reported_once() -> None:
    text = stamps(
        started_at="2025-05-14T02:00Z",
        detected_at="2025-05-13T09:40Z",
        mitigated_at="2025-05-14T10:00Z",
        resolved_at="2025-05-14T11:00Z",
    )
    assert [words for words, _ in found("INC104", text)] == ["2025-05-13T09:40Z"]


@pytest.mark.parametrize(
    ("written", "hit"),
    [
        ("2025-06-01T12:04Z", False),
        ("2025-06-01T14:04+02:00", False),
        ("2025-06-01T12:06Z", True),
        ("2025-06-01T09:30-05:00", True),
    ],
)
def test_future(written: str, hit: bool) -> None:
    assert bool(found("INC105", stamps(detected_at=written))) is hit


def test_rules_look_at_a_document_once_read() -> None:
    assert document.parse(BASE.replace("\n", "\r\n"), "x.md").faults == []
