"""What the player reads is the run: times, indexes, values, and the same bytes each time."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import render
from lessons.node.compact import compact
from lessons.trace import Changed, Delivered, Started, Trace, Violated
from lessons.trace.encode import SCALE, encode_run, plain
from tests.viz.runs import Script, Text, chatter, everything, lost_update

TIMES = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=30).map(sorted)


def clock(run: dict[str, Any]) -> list[int]:
    """The time of each event in ticks, as a reader adds it up."""
    now, times = 0, []
    for event in run["events"]:
        now += event[1]
        times.append(now)
    return times


@given(TIMES)
def test_ticks_add_up_to_each_events_time(times: list[float]) -> None:
    script = Script()
    for time in times:
        script.add(Started, time, "a")
    run = encode_run(Trace.of(script.events, nodes={"a": "Node"}, end=times[-1]))
    assert clock(run) == [round(time * SCALE) for time in times]
    assert all(event[1] >= 0 for event in run["events"])
    assert run["end"] == clock(run)[-1]


@pytest.mark.parametrize("trace", [everything(), lost_update(), chatter(50)], ids=["everything", "lost", "long"])
def test_every_index_is_in_its_list(trace: Trace) -> None:
    run = encode_run(trace)
    nodes, events = range(len(run["nodes"])), run["events"]
    assert len(run["kinds"]) == len(run["nodes"])
    assert all(client in nodes for client in run["clients"])
    for event in events:
        letter = event[0]
        if letter == "s":
            assert event[2] in nodes and event[3] in nodes and event[4] in range(len(run["types"]))
        elif letter in "dx":
            assert events[event[2]][0] == "s"
        elif letter == "w":
            assert all(int(field) in range(len(run["fields"])) for field in event[3])
        elif letter == "v":
            assert event[2] in range(len(run["invariants"])) and event is events[-1]
        elif letter != "f":
            assert event[2] in nodes


def test_a_run_is_encoded_as_the_player_expects_it() -> None:
    run = encode_run(lost_update(), label="first draft")
    assert list(run) == [
        "label", "seed", "nodes", "kinds", "clients", "fields", "types",
        "scale", "events", "lines", "marks", "invariants", "end",
    ]  # fmt: skip
    assert (run["label"], run["seed"], run["clients"], run["fields"]) == ("first draft", 31, [0, 1], ["total"])
    assert run["events"][3] == ["w", 0, 2, {"0": 0}]
    assert run["events"][4:8] == [
        ["i", 10_000, 0, 0, "add(1)"],
        ["s", 0, 0, 2, 0, {}, 21_000],
        ["d", 21_000, 5],
        ["s", 0, 2, 0, 1, {"value": 0}, 29_000],
    ]
    assert run["events"][-2:] == [
        ["r", 10_000, 0, 0, "1", "ok"],
        ["v", 0, 0, "2 additions returned, but the total is 1"],
    ]
    assert run["invariants"] == [
        {
            "name": "NoLostUpdate",
            "says": "The total is the number of additions that returned.",
            "cite": "herlihy1990",
            "broken": 13,
            "why": "2 additions returned, but the total is 1",
        }
    ]
    assert run["lines"] == lost_update().lines()


def test_an_invariant_that_held_has_no_broken_event() -> None:
    (rule,) = encode_run(lost_update(broken=False))["invariants"]
    assert rule["broken"] is None and rule["why"] is None


def test_faults_name_nodes_by_position() -> None:
    effects = {event[2]: event[4] for event in encode_run(everything())["events"] if event[0] == "f"}
    assert effects == {
        "crash": {"down": [2]},
        "partition": {"cut": [[0, 1], [1, 0]]},
        "heal": {"heal": [[0, 1], [1, 0]]},
        "restart": {"up": [2]},
        "pause": {"pause": [1]},
        "resume": {"resume": [1]},
    }


def test_travel_is_the_time_to_the_first_delivery_and_null_for_a_lost_message() -> None:
    sends = [event for event in encode_run(everything())["events"] if event[0] == "s"]
    travel = {event[5]["text"]: event[6] for event in sends if event[3] != 2}
    assert travel == {"hello": 100_000, "to myself": 50_000, "still travelling": 600_000}
    assert [event[6] for event in sends if event[3] == 2] == [None, None]


def test_travel_follows_the_delivery_and_not_the_plan() -> None:
    script = Script()
    script.add(Started, 0.0, "a")
    number = script.send(0.0, "a", "a", Text("held up by a pause"), 0.1)
    script.deliver(number, 0.7)
    run = encode_run(Trace.of(script.events, nodes={"a": "Node"}))
    assert run["events"][1][6] == 700_000


def test_encoding_twice_gives_the_same_bytes() -> None:
    assert compact(encode_run(everything())) == compact(encode_run(everything()))


def test_the_trace_writes_its_json_with_this() -> None:
    assert json.loads(everything().to_json()) == encode_run(everything())


def test_a_run_of_a_chapter_stays_under_150_kilobytes() -> None:
    trace = chatter(400)
    assert len(trace) > 1200
    assert len(compact(encode_run(trace))) < 150_000


def test_long_values_are_kept_whole() -> None:
    script = Script()
    script.add(Started, 0.0, "a")
    script.deliver(script.send(0.0, "a", "a", Text("long " * 1000), 0.1), 0.1)
    run = encode_run(Trace.of(script.events, nodes={"a": "Node"}))
    assert run["events"][1][5] == {"text": "long " * 1000}


class Role(Enum):
    LEADER = "leader"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (float("inf"), "inf"),
        ({"until": [float("-inf")]}, {"until": ["-inf"]}),
        (frozenset({3, 1, 2}), [1, 2, 3]),
        (Role.LEADER, "leader"),
        (True, True),
    ],
)
def test_values_that_json_readers_would_change_become_text(value: object, read: object) -> None:
    assert plain(value) == read


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_any_plain_value_can_be_written_and_read_back(value: Any) -> None:
    assert json.loads(compact(plain(value))) == plain(value)


def test_a_clock_that_goes_back_is_refused() -> None:
    script = Script()
    script.add(Started, 2.0, "a")
    script.add(Started, 1.0, "a")
    with pytest.raises(ValueError, match=r"event 1 at 1\.0 s is earlier"):
        encode_run(Trace.of(script.events, nodes={"a": "Node"}))


def test_an_unknown_node_is_refused() -> None:
    script = Script()
    script.add(Started, 0.0, "ghost")
    with pytest.raises(ValueError, match="node 'ghost', but the trace has: a"):
        encode_run(Trace.of(script.events, nodes={"a": "Node"}))


def test_an_unknown_invariant_is_refused() -> None:
    script = Script()
    script.add(Violated, 0.0, "", "Unheard", "why")
    with pytest.raises(ValueError, match="invariant 'Unheard', but the trace has: none"):
        encode_run(Trace.of(script.events, nodes={}))


def test_fields_come_from_the_watched_ones_first_and_then_from_changes() -> None:
    script = Script()
    script.add(Changed, 0.0, "a", {}, {"extra": 1})
    run = encode_run(Trace.of(script.events, nodes={"a": "Node"}, watched={"a": ("total",)}))
    assert run["fields"] == ["total", "extra"]
    assert run["events"] == [["w", 0, 0, {"1": 1}]]


def test_texts_of_operations_are_those_of_the_transcript() -> None:
    events = encode_run(everything())["events"]
    assert [event[4:] for event in events if event[0] in "ir"] == [[f"read({render('x')})"], ["", "unknown"]]


def test_a_delivery_points_at_its_send() -> None:
    trace = everything()
    run = encode_run(trace)
    for event in trace.only(Delivered):
        assert run["events"][event.index][2] == event.sent
