"""The judges for clients: what was confirmed stays, reads are fresh; and users show what they were told."""

from __future__ import annotations

import pytest

from lessons.agreement.raft import Done, Entry, Kind, Lost, NotLeader, Propose, Refused, Unknown
from lessons.agreement.raft.invariants import Confirmed, FreshReads
from lessons.agreement.raft.runs import raft_run
from lessons.agreement.raft.user import Answer, Proposer
from lessons.node import Node
from lessons.sim import NodeState, Simulation, State
from lessons.trace import Changed
from tests.agreement.raft.test_safety_properties import server, verdicts, world

X, Y = Entry(1, Kind.COMMAND, "x"), Entry(2, Kind.COMMAND, "y")


def user(
    name: str, told: tuple[int, str] = (0, ""), reads: int = 0, read: tuple[int, int, str] = (0, 0, "")
) -> NodeState:
    """A user as it shows itself."""
    state = NodeState(name, "User", {"told": told, "reads": reads, "read": read})
    state.up = True
    return state


def committed(*entries: Entry, commit: int | None = None) -> NodeState:
    """A server with these entries, all of them committed unless said otherwise."""
    return server("n1", log=entries, commit=len(entries) if commit is None else commit)


# Confirmed


@pytest.mark.parametrize(
    ("entries", "commit", "broken"),
    [((X,), 1, False), ((Y,), 1, True), ((Y,), 0, False), ((), 0, False), ((Entry(2, Kind.NOOP),), 1, True)],
)
def test_confirmed_is_broken_by_another_entry_that_is_committed_in_its_place(
    entries: tuple[Entry, ...], commit: int, broken: bool
) -> None:
    now = world(user("ann", told=(1, "x")), committed(*entries, commit=commit))
    assert verdicts(Confirmed, now) == [broken]


def test_confirmed_remembers_what_a_client_was_told_before_and_what_was_committed_before() -> None:
    told, then = world(user("ann", told=(1, "x"))), user("ann", told=(2, "y"))
    assert verdicts(Confirmed, told, world(then, committed(Y, Y))) == [False, True]
    assert verdicts(Confirmed, world(committed(Y)), world(server("n2"), user("ann", told=(1, "x")))) == [False, True]


def test_confirmed_hears_all_clients() -> None:
    one, other = user("ann", told=(1, "x")), user("bob", told=(1, "y"))
    assert verdicts(Confirmed, world(one, other), world(one, other, committed(X))) == [False, True]
    assert verdicts(Confirmed, world(one, other), world(one, other, committed(Y))) == [False, True]


# Fresh reads


def fresh(*moments: State) -> bool:
    """Whether no moment breaks the rule."""
    return not any(verdicts(FreshReads, *moments))


TOLD = user("ann", told=(3, "x"))


@pytest.mark.parametrize(("index", "kept"), [(2, False), (3, True), (4, True)])
def test_a_read_reaches_as_far_as_what_any_client_was_told_before_it_began(index: int, kept: bool) -> None:
    begun, ended = user("bob", reads=1), user("bob", reads=1, read=(1, index, ""))
    assert fresh(world(TOLD, user("bob")), world(TOLD, begun), world(TOLD, ended)) is kept


def test_what_was_confirmed_while_it_was_under_way_may_be_missing() -> None:
    begun, ended = user("bob", reads=1), user("bob", reads=1, read=(1, 0, ""))
    assert fresh(world(user("ann"), begun), world(TOLD, begun), world(TOLD, ended))


def test_a_client_sees_what_it_was_told_itself() -> None:
    moments = [user("ann", told, reads, read) for told, reads, read in (
        ((0, ""), 0, (0, 0, "")), ((3, "x"), 1, (0, 0, "")), ((3, "x"), 1, (1, 2, "")),
    )]  # fmt: skip
    assert not fresh(*map(world, moments))


def test_of_two_reads_at_a_time_each_is_judged_by_its_own_beginning() -> None:
    first, both = user("bob", reads=1), user("bob", reads=2)
    before = (world(user("ann"), first), world(TOLD, both))
    assert fresh(*before, world(TOLD, user("bob", reads=2, read=(1, 0, ""))))
    assert not fresh(*before, world(TOLD, user("bob", reads=2, read=(2, 0, ""))))


def test_a_client_that_comes_late_has_not_read_yet() -> None:
    assert fresh(world(TOLD), world(TOLD, user("bob")), world(TOLD, user("bob")))


# Users


def test_users_show_the_last_command_that_is_done_and_the_last_read() -> None:
    sim = raft_run(1, commands=3, reads=40)
    trace = sim.run(3.0)
    told = [event.after["told"] for event in trace.only(Changed, node="ann") if "told" in event.after]
    read = [event.after["read"] for event in trace.only(Changed, node="bob") if "read" in event.after]
    assert [text for _, text in told] == ["", "a1", "a2", "a3"]
    assert sim.state["bob"].reads == 40 and len(read) > 10
    assert all(number <= 40 and text in ("", "a1", "a2", "a3") for number, _, text in read)


class Oracle(Node):
    """Answers each proposal with the next of these."""

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        self.answers = iter(answers)

    def on_propose(self, client: str, propose: Propose) -> None:
        self.reply(next(self.answers))


def test_users_put_on_record_what_they_know_and_what_they_do_not() -> None:
    sim = Simulation(1)
    answers = NotLeader(None), Refused("full"), Lost(2), Unknown(3), Done(4, "")
    sim.add("n1", Oracle, answers=answers)
    sim.add("ann", Proposer, servers=("n1",), commands=("x",))
    history = sim.run(2.0).history()
    assert [operation.outcome for operation in history] == ["fail", "fail", "fail", "unknown", "ok"]
