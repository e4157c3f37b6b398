"""The client: it finds the leader, asks again under the same number, and puts on record what is known and no more."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.agreement.raft import Done, Lost, NotLeader, Options, Propose, Refused
from lessons.agreement.replicated_kv.answers import Changed, Decided, Denied, NoSession, Opened
from lessons.agreement.replicated_kv.calls import Rejected, SessionLost, Unanswered
from lessons.agreement.replicated_kv.client import KVClient
from lessons.agreement.replicated_kv.commands import Command, Compare, Get, Put, Txn, prefix_end
from lessons.agreement.replicated_kv.messages import Malformed
from lessons.agreement.replicated_kv.rules import BadCommand, Limits
from lessons.agreement.replicated_kv.text import from_text, to_text
from lessons.node import Node
from lessons.sim import Constant, Link, Simulation
from lessons.trace import Operation
from tests.agreement.replicated_kv.cluster import Cluster, quietly

OPENED = Done(1, to_text(Opened(7, 60.0, 64)))
CHANGED = Done(2, to_text(Changed(1, 1)))


class Teller(Node):
    """A server that gives the answers it was told to give, one after the other; None is silence."""

    def start(self) -> None:
        self.answers: list[Any] = []
        self.asked: list[Any] = []

    def on_propose(self, client: str, propose: Propose) -> None:
        self.asked.append(from_text(propose.command, Command))
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            self.reply(answer)


class Told:
    """A client ann, and servers that answer as they are told."""

    def __init__(self, *answers: Any, servers: tuple[str, ...] = ("n1", "n2"), **client: Any) -> None:
        self.sim = Simulation(1, network=Link(Constant(0.001)))
        self.sim.add(servers, Teller)
        self.sim.add("ann", KVClient, **{"servers": servers, "patience": 0.1, **client})
        self.sim.run(0.0)
        self.teller("n1").answers = list(answers)

    def teller(self, name: str) -> Any:
        return self.sim.node(name)

    def begin(self, call: Any, seconds: float = 1.0) -> Any:
        """Let ann make a call, for so many seconds."""
        ann = self.sim.node("ann")
        task = ann.spawn(quietly(call)(ann))
        self.sim.run(self.sim.now + seconds)
        return task

    def put(self, seconds: float = 1.0) -> Any:
        """What a put gave, or raised."""
        task = self.begin(lambda ann: ann.put("x", "1"), seconds)
        assert task.done
        return task.result()[1]

    @property
    def outcomes(self) -> list[str]:
        return [operation.outcome for operation in self.sim.trace.history()]


def test_a_session_is_opened_before_the_first_write_and_kept() -> None:
    told = Told(OPENED, CHANGED, CHANGED)
    assert told.put() is None and told.put() is None
    register, first, second = told.teller("n1").asked
    assert (first.session, first.number, first.first) == (7, 1, 0)
    assert (second.session, second.number, second.first) == (7, 2, 0)
    assert register.session == 0


def test_a_request_without_an_answer_is_sent_again_elsewhere_under_the_same_number() -> None:
    told = Told(OPENED, None)
    told.teller("n2").answers = [CHANGED]
    assert told.put() is None
    assert told.teller("n1").asked[1] == told.teller("n2").asked[0]
    assert told.outcomes == ["ok"]


@pytest.mark.parametrize("answer", [NotLeader("n2"), NotLeader(None), Refused("disk"), Lost(4)], ids=str)
def test_an_answer_that_settles_nothing_is_no_answer(answer: Any) -> None:
    told = Told(OPENED, answer, CHANGED)
    told.teller("n2").answers = [CHANGED]
    assert told.put() is None
    asked = told.teller("n1").asked[1:] + told.teller("n2").asked
    assert len(asked) == 2 and asked[0] == asked[1]


def test_the_leader_that_was_named_is_asked_at_once() -> None:
    told = Told(NotLeader("n2"))
    told.teller("n2").answers = [OPENED, CHANGED]
    assert told.put(0.01) is None


def test_a_leader_that_is_none_of_the_servers_is_not_asked() -> None:
    told = Told(NotLeader("n9"), OPENED, CHANGED)
    told.teller("n2").answers = [OPENED, CHANGED]
    assert told.put() is None


def test_servers_that_name_each_other_are_asked_with_pauses() -> None:
    told = Told(*[NotLeader("n2")] * 1000)
    told.teller("n2").answers = [NotLeader("n1")] * 1000
    told.begin(lambda ann: ann.put("x", "1"), 1.0)
    assert 10 < len(told.teller("n1").asked) + len(told.teller("n2").asked) < 100


def test_what_is_rejected_has_failed_and_says_why() -> None:
    told = Told(OPENED, Done(2, to_text(Denied("the store is full"))), Malformed("key is ''"))
    error = told.put()
    assert isinstance(error, Rejected) and str(error) == "the store is full"
    assert isinstance(told.put(), Rejected)
    assert told.outcomes == ["fail", "fail"]


def test_when_the_session_has_ended_nobody_knows_and_the_next_write_opens_another() -> None:
    told = Told(OPENED, Done(2, to_text(NoSession(7))), Done(3, to_text(Opened(9, 60.0, 64))), CHANGED)
    error = told.put()
    assert isinstance(error, SessionLost) and "may have been done before" in str(error)
    assert told.put() is None
    assert told.outcomes == ["unknown", "ok"]
    assert told.teller("n1").asked[-1].session == 9 and told.teller("n1").asked[-1].number == 1


def test_after_the_limit_nobody_knows_and_late_copies_are_done_no_more() -> None:
    told = Told(OPENED, limit=0.3)
    assert isinstance(told.put(), Unanswered)
    assert told.outcomes == ["unknown"]
    told.teller("n1").answers = told.teller("n2").answers = [CHANGED]
    assert told.put() is None
    last = max(told.teller("n1").asked + told.teller("n2").asked, key=lambda command: command.number)
    assert (last.number, last.first) == (2, 0)


def test_a_read_that_nobody_answers_is_unknown_too() -> None:
    cluster = Cluster(limit=0.5)
    for name in cluster.names:
        cluster.sim.faults.crash(name)
    with pytest.raises(Unanswered, match=r"Read had no answer within 0.5 s"):
        cluster.do(lambda ann: ann.get("x"))
    assert cluster.sim.trace.history()[-1].outcome == "unknown"


# Several requests under way


def test_requests_that_are_under_way_keep_their_answers_from_being_forgotten() -> None:
    told = Told(OPENED, None, CHANGED, CHANGED, patience=5.0)
    first = told.begin(lambda ann: ann.put("x", "1"), 0.1)
    for _ in range(2):
        assert told.put(0.1) is None
    assert not first.done
    assert [command.first for command in told.teller("n1").asked[1:]] == [0, 1, 1]


def test_two_writes_at_once_open_one_session() -> None:
    told = Told(OPENED, CHANGED, CHANGED)
    told.begin(lambda ann: ann.put("x", "1"), 0.0)
    told.begin(lambda ann: ann.put("y", "1"), 1.0)
    assert [command.session for command in told.teller("n1").asked] == [0, 7, 7]
    assert told.outcomes == ["ok", "ok"]


def test_no_more_requests_are_under_way_than_the_session_has_room_for() -> None:
    cluster = Cluster(limits=Limits(answers=4), link=Link(Constant(0.02)))
    tasks = [cluster.begin(lambda ann, text=f"{number} ": ann.append("x", text)) for number in range(30)]
    cluster.until(lambda: all(task.done for task in tasks))
    assert sorted((cluster.do(lambda ann: ann.get("x")) or "").split(), key=int) == [str(n) for n in range(30)]
    sessions = cluster.server().machine.sessions.all
    assert len(sessions) == 1 and all(len(session.answers) <= 4 for session in sessions.values())


def test_a_session_stays_open_while_its_client_is_silent_and_ends_when_it_is_closed() -> None:
    cluster = Cluster(limits=Limits(idle=1.0))
    cluster.do(lambda ann: ann.put("x", "1"))
    cluster.wait(5.0)
    assert len(cluster.server().machine.sessions.all) == 1
    cluster.do(lambda ann: ann.put("x", "2"))
    assert cluster.client().opened.last == 2
    cluster.do(lambda ann: ann.close())
    assert cluster.server().machine.sessions.all == {}


def test_a_silent_client_stays_in_its_session_when_another_server_leads() -> None:
    cluster = Cluster(limits=Limits(idle=1.0), patience=0.2)
    cluster.do(lambda ann: ann.put("x", "1"))
    first = cluster.leader
    cluster.sim.faults.pause(first)
    cluster.wait(0.8)
    cluster.sim.faults.resume(first)
    cluster.wait(5.0)
    assert cluster.leader != first and len(cluster.server().machine.sessions.all) == 1
    cluster.do(lambda ann: ann.put("x", "2"))
    assert cluster.client().opened.last == 2


def test_a_client_that_was_away_too_long_finds_out_by_itself_and_writes_in_another_session() -> None:
    cluster = Cluster(limits=Limits(idle=0.6), patience=0.2)
    cluster.do(lambda ann: ann.put("x", "1"))
    cluster.sim.faults.isolate("ann")
    cluster.wait(3.0)
    assert cluster.server().machine.sessions.all == {}
    cluster.sim.faults.heal()
    cluster.wait(2.0)
    cluster.do(lambda ann: ann.append("x", "2"))
    assert cluster.do(lambda ann: ann.get("x")) == "12"


def test_a_session_is_closed_though_the_answer_was_lost() -> None:
    cluster = Cluster(patience=0.2)
    cluster.do(lambda ann: ann.put("x", "1"))
    cluster.sim.faults.cut(cluster.leader, "ann")
    task = cluster.begin(quietly(lambda ann: ann.close()))
    cluster.wait(0.1)
    assert cluster.server().machine.sessions.all == {} and not task.done
    cluster.sim.faults.heal()
    cluster.until(lambda: task.done)
    assert task.result() == (None, None)


# What calls do


def test_calls_read_like_those_of_a_dictionary() -> None:
    cluster = Cluster()
    calls: list[tuple[Any, Any]] = [
        (lambda ann: ann.get("x"), None),
        (lambda ann: ann.put("x", "1"), None),
        (lambda ann: ann.append("x", "2"), None),
        (lambda ann: ann.get("x"), "12"),
        (lambda ann: ann.cas("x", "12", "3"), True),
        (lambda ann: ann.cas("x", "12", "4"), False),
        (lambda ann: ann.cas("y", None, b"\x00"), True),
        (lambda ann: ann.get("y"), b"\x00"),
        (lambda ann: ann.delete("x"), None),
        (lambda ann: ann.delete("x"), None),
        (lambda ann: ann.get("x"), None),
        (lambda ann: ann.delete_range("", ""), 1),
    ]
    for call, value in calls:
        assert cluster.do(call) == value
    history = cluster.sim.trace.history()
    assert [(operation.outcome, operation.value) for operation in history] == [("ok", value) for _, value in calls]
    assert history[4].name == "cas" and history[4].args == ("x", "12", "3")


def test_a_transaction_gives_its_decision_and_a_range_its_records() -> None:
    cluster = Cluster()
    move = Txn((Compare("a", "version", "=", 0),), (Put("a", "1"), Put("b", "2")), (Get("a"),))
    assert cluster.do(lambda ann: ann.transact(move)) == Decided(1, True, (Changed(1, 1), Changed(1, 1)))
    again = cluster.do(lambda ann: ann.transact(move))
    assert not again.succeeded and again.answers[0].records[0].value == "1"
    found = cluster.do(lambda ann: ann.find("a", prefix_end("b")))
    assert [record.value for record in found.records] == ["1", "2"]


def test_leases_are_granted_looked_at_and_revoked() -> None:
    cluster = Cluster()
    lease = cluster.do(lambda ann: ann.grant(10.0))
    cluster.do(lambda ann: ann.put("x", "1", lease))
    status = cluster.do(lambda ann: ann.lease_status(lease))
    assert status.keys == ("x",) and 9.9 < status.left <= 10.0
    cluster.do(lambda ann: ann.revoke(lease))
    assert cluster.do(lambda ann: ann.get("x")) is None
    for call in (lambda ann: ann.keep_alive(lease), lambda ann: ann.put("y", "1", lease)):
        with pytest.raises(Rejected, match=f"there is no lease {lease}"):
            cluster.do(call)


@pytest.mark.parametrize(
    "call",
    [lambda ann: ann.put("", "1"), lambda ann: ann.put("x", 1), lambda ann: ann.cas("x", None, None),
     lambda ann: ann.grant(0), lambda ann: ann.get(""), lambda ann: ann.delete_range("b", "a")],
)  # fmt: skip
def test_a_bad_argument_is_refused_before_anything_is_sent_or_put_on_record(call: Any) -> None:
    told = Told(OPENED, CHANGED)
    task = told.begin(call)
    assert isinstance(task.result()[1], BadCommand)
    assert told.teller("n1").asked == [] and told.outcomes == []


@pytest.mark.parametrize(
    ("options", "words"),
    [({"servers": ()}, "servers is"), ({"patience": 0}, "patience is 0"), ({"limit": float("nan")}, "limit is nan")],
)
def test_a_client_that_could_not_work_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        KVClient(**{"servers": ("n1",), **options})


# In clusters


def test_a_write_goes_through_a_change_of_leader_and_is_done_once() -> None:
    cluster = Cluster(options=Options(compact_after=3))
    for number in range(6):
        task = cluster.begin(lambda ann, text=f"{number} ": ann.append("list", text))
        cluster.wait(0.002)
        cluster.sim.faults.restart(cluster.leader)
        cluster.until(lambda task=task: task.done)
    assert cluster.do(lambda ann: ann.get("list")) == "0 1 2 3 4 5 "


def last(cluster: Cluster) -> Operation:
    return cluster.sim.trace.history()[-1]


def test_the_outcome_of_a_write_that_outlived_its_session_is_unknown() -> None:
    cluster = Cluster(limits=Limits(idle=0.5), patience=0.2)
    cluster.do(lambda ann: ann.put("x", "1"))
    leader = cluster.leader
    cluster.sim.faults.cut(leader, "ann")
    task = cluster.begin(quietly(lambda ann: ann.append("x", "2")))
    for name in cluster.followers:
        cluster.sim.faults.cut("ann", name)
    cluster.wait(0.01)
    cluster.sim.faults.cut("ann", leader)
    cluster.wait(3.0)
    cluster.sim.faults.heal()
    cluster.until(lambda: task.done)
    assert isinstance(task.result()[1], SessionLost) and last(cluster).outcome == "unknown"
    assert cluster.do(lambda ann: ann.get("x")) == "12"
