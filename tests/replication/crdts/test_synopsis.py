"""Every type has its operations, what first drafts get wrong has a test, and the synopsis runs."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

import lessons.replication.crdts as crdts

# Type: what can be done to it, and read from it, beside merge, value, copy, data and of.
OPERATIONS = {
    "GCounter": "increment",
    "PNCounter": "increment decrement",
    "ResettableCounter": "add reset",
    "GSet": "add __contains__",
    "TwoPhaseSet": "add remove __contains__",
    "LWWElementSet": "add remove __contains__",
    "TaggedSet": "add remove __contains__ checkpoint purge",
    "ORSet": "add remove clear __contains__",
    "LWWRegister": "write",
    "MVRegister": "write clear",
    "EnableWinsFlag": "enable disable",
    "DisableWinsFlag": "enable disable",
    "Map": "update get remove __contains__",
    "ListText": "insert delete since version letters checkpoint purge __len__",
    "GraphText": "insert delete since version __len__",
}
# What goes wrong in first drafts of replicated data: the test that shows it, or that it can't happen here.
MISTAKES = {
    "a register takes over the name of the replica that it merges with": "takes_over_a_name",
    "equal times are decided by something else in a write than in a merge": "at_the_same_time_the_name_of_the_writer",
    "a fast clock wins every conflict": "even_if_its_clock_is_an_hour_behind",
    "an element that was removed is added again without effect": "a_2p_set_removes_for_ever",
    "a removal that comes before its addition is dropped": "not_dropped_in_silence",
    "two replicas count in one slot": "slots_are_not_shared_by_accident",
    "a replica forgets what it has counted": "is_there_after_a_crash_at_any_moment",
    "a counter must not fall below a floor": "goes_up_and_down_and_below_zero",
    "a large count changes its sign": "a_value_has_no_limit",
    "tombstones are kept for ever": "tombstones_go_once_everybody_has_them",
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_type_has_its_operations(name: str) -> None:
    kind = getattr(crdts, name)
    for operation in [*OPERATIONS[name].split(), "merge", "value", "copy", "data", "of", "__le__"]:
        assert hasattr(kind, operation), f"{name}.{operation}"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_of_first_drafts_has_its_test(mistake: str) -> None:
    files = Path(__file__).parent.glob("test_*.py")
    names = [line for path in files for line in path.read_text(encoding="utf8").splitlines() if line.startswith("def ")]
    assert any(MISTAKES[mistake] in name for name in names)


def test_the_synopsis_runs() -> None:
    text = str(crdts.__doc__)
    code = dedent("\n".join(line for line in text.splitlines() if line.startswith("    ")))
    exec(code, vars(crdts) | {})
    assert "here.merge(there)" in code


def test_the_public_names_are_there_and_sorted() -> None:
    assert crdts.__all__ == sorted(crdts.__all__)
    assert all(hasattr(crdts, name) for name in crdts.__all__)
