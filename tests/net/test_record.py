"""Records of processes and the trace that is made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lessons.net import Malformed, Recorder
from lessons.net.merge import WORLD, read_trace
from lessons.node import Node, Series
from lessons.trace import Changed, Delivered, Faulted, Noted, Sent
from tests.net.places import VOCABULARY, Ping, Pong

VALUES = VOCABULARY.values


class Watched(Node):
    watched = ("log", "term")

    def __init__(self) -> None:
        self.log: Series[int] = Series()
        self.term = 0


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def recorder(folder: Path, name: str, clock: Clock, **options: Any) -> Recorder:
    return Recorder(folder, name, VALUES, clock=clock, **options)


def test_a_delivery_waits_for_its_send_when_clocks_disagree(tmp_path: Path) -> None:
    slow, fast = Clock(50.0), Clock(100.0)
    n1, n2 = recorder(tmp_path, "n1", fast), recorder(tmp_path, "n2", slow)
    n1.sent(1, "n2", Ping(7), None)
    n2.delivered(1, "n1", Ping(7))
    n2.sent(9, "n1", Pong(7), 1)
    n1.delivered(9, "n2", Pong(7))
    n1.close()
    n2.close()
    trace = read_trace(tmp_path, VALUES)
    assert [type(event).__name__ for event in trace.events] == ["Sent", "Delivered", "Sent", "Delivered"]
    assert [event.time for event in trace.events] == sorted(event.time for event in trace.events)
    assert trace.only(Sent)[1].answers == 0 and trace.happens_before(0, 3)


def test_a_copy_is_marked_and_a_lost_message_never_arrives(tmp_path: Path) -> None:
    clock = Clock()
    n1, n2 = recorder(tmp_path, "n1", clock), recorder(tmp_path, "n2", clock)
    n1.sent(1, "n2", Ping(1), None)
    n1.sent(2, "n2", Ping(2), None)
    n2.delivered(2, "n1", Ping(2))
    n2.delivered(2, "n1", Ping(2))
    n1.close()
    n2.close()
    trace = read_trace(tmp_path, VALUES)
    assert [event.arrives for event in trace.only(Sent)] == [None, 0.0]
    assert [event.copy for event in trace.only(Delivered)] == [False, True]


def test_watched_fields_are_recorded_as_they_change_and_a_series_by_what_is_new(tmp_path: Path) -> None:
    n1, node = recorder(tmp_path, "n1", Clock()), Watched()
    logs = [(1, 2, 3), (1, 2, 3, 4), (1, 9), (1, 9), ()]
    n1.started(node)
    for log in logs:
        node.log = node.log + log[len(node.log) :] if log[: len(node.log)] == node.log[:] else Series(log)
        n1.looked(node)
    n1.close()
    changes = read_trace(tmp_path, VALUES).only(Changed)
    assert [change.after["log"] for change in changes] == [(1, 2, 3), (1, 2, 3, 4), (1, 9), ()]
    assert changes[0].after["term"] == 0 and "term" not in changes[1].after
    assert changes[1].before == {"log": (1, 2, 3)}
    assert '"log":[1,3,["t",4]]' in (tmp_path / "n1.jsonl").read_text()


def test_a_record_is_bounded_and_still_makes_a_trace(tmp_path: Path) -> None:
    clock = Clock()
    n1, node = recorder(tmp_path, "n1", clock, most=20_000), Watched()
    n1.started(node)
    for number in range(2000):
        clock.now += 0.001
        node.term = number
        n1.sent(number, "n2", Ping(number), None)
        n1.looked(node)
    n1.close()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 20_500
    trace = read_trace(tmp_path, VALUES)
    assert trace.only(Sent)[-1].message == Ping(1999) and trace.only(Changed)[-1].after == {"term": 1999}


def test_what_has_no_beginning_on_record_is_left_out(tmp_path: Path) -> None:
    n1 = recorder(tmp_path, "n1", Clock())
    n1.delivered(7, "n2", Ping(1))
    n1.returned(3, "ok", None)
    n1.noted("still there", {"number": 1})
    n1.close()
    trace = read_trace(tmp_path, VALUES)
    assert [type(event) for event in trace.events] == [Noted]


def test_a_line_that_a_crash_has_cut_is_left_out(tmp_path: Path) -> None:
    n1 = recorder(tmp_path, "n1", Clock())
    n1.noted("whole", {})
    n1.close()
    with open(tmp_path / "n1.jsonl", "a") as file:
        file.write('["note", 100.0, "cut')
    assert len(read_trace(tmp_path, VALUES)) == 1


BAD_LINES = ["no JSON", "[]", '["note"]', '["get", 1.0]', '["nothing", 1.0]', '["send", 1, 1, "n2", null, ["?"]]']


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_line_that_is_no_event_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "n1.jsonl").write_text(line + "\n")
    with pytest.raises(Malformed, match="no event"):
        read_trace(tmp_path, VALUES)


def test_faults_belong_to_the_world(tmp_path: Path) -> None:
    world = recorder(tmp_path, WORLD, Clock())
    world.faulted("crash", {"node": "n1"}, {"down": ["n1"]})
    world.close()
    (fault,) = read_trace(tmp_path, VALUES).events
    assert isinstance(fault, Faulted) and fault.effect == {"down": ["n1"]}
    assert fault.sentence() == "fault: crash(node='n1')"


def test_operations_of_several_clients_and_lives_have_numbers_of_their_own(tmp_path: Path) -> None:
    clock = Clock()
    for name in ("ann", "bob", "ann"):
        clock.now += 1
        record = recorder(tmp_path, name, clock)
        record.invoked(1, "get", ("x",))
        record.returned(1, "ok", (1, "two"))
        record.close()
    history = read_trace(tmp_path, VALUES).history()
    assert [(op.client, op.op) for op in history] == [("ann", 1), ("bob", 2), ("ann", 3)]
    assert all(op.value == (1, "two") and op.args == ("x",) for op in history)
