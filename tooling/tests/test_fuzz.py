"""The targets of `make fuzz` on a few inputs each, and every input that once ended one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.targets import TARGETS

QUICK = [name for name, target in TARGETS.items() if not target.slow]
SLOW = [name for name, target in TARGETS.items() if target.slow]


@pytest.mark.parametrize("name", TARGETS)
def test_what_the_fuzzer_begins_with_is_sound(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].check(seed)


@pytest.mark.parametrize("name", QUICK)
@settings(max_examples=40)
@given(st.data())
def test_no_input_ends_a_parser(name: str, data: st.DataObject) -> None:
    TARGETS[name].check(data.draw(st.binary(max_size=TARGETS[name].longest)))


@pytest.mark.parametrize("name", SLOW)
@settings(max_examples=8)
@given(st.data())
def test_no_input_ends_a_judge(name: str, data: st.DataObject) -> None:
    TARGETS[name].check(data.draw(st.binary(max_size=TARGETS[name].longest)))
