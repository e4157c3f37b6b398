"""Reads at any server: each level promises something, and costs what it must."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lessons.agreement.raft import Done, NotLeader, Options
from lessons.agreement.raft.messages import Appended, AppendEntries
from lessons.agreement.replicated_kv.answers import Found, Record
from lessons.agreement.replicated_kv.commands import Get, Put
from lessons.agreement.replicated_kv.messages import Consistency, Malformed, Read, ReadIndex
from lessons.agreement.replicated_kv.text import from_text, to_text
from lessons.trace import Sent
from tests.agreement.raft.stage import QUIET, append
from tests.agreement.replicated_kv.cluster import DELAY, Cluster
from tests.agreement.replicated_kv.stage import Stage

X = to_text(Get("x"))
FOLLOWING = replace(QUIET, heartbeat=0.5, election=(1.0, 2.0))


def read(level: Consistency = Consistency.LINEARIZABLE, **options: Any) -> Read:
    return Read(X, level, **options)


def values(answers: list[Any]) -> list[Any]:
    """The values in answers to reads of x, and all other answers as they are."""
    return [
        next((record.value for record in from_text(answer.result, Found).records), None)
        if isinstance(answer, Done) and answer.result else answer
        for answer in answers
    ]  # fmt: skip


def led() -> Stage:
    """A leader that has committed x = 1, at index 2."""
    stage = Stage()
    stage.lead(term=1)
    stage.confirm()
    stage.propose(Put("x", "1"))
    stage.forget()
    return stage


def following(committed: int = 2) -> Stage:
    """A follower of n2, with x = 1 at index 2 and x = 2 at index 3, which knows ``committed`` of them to be so."""
    entries = led().server.log.entries
    second = Stage()
    second.lead(term=1)
    second.propose(Put("x", "2"))
    stage = Stage(options=FOLLOWING)
    stage.say("n2", append(1, 0, 0, *entries, second.server.log.entry(2), commit=committed))
    stage.forget()
    return stage


# The leader


def test_a_leader_waits_for_a_majority_to_confirm_that_it_leads() -> None:
    stage = led()
    assert stage.say("ann", read()) == []
    stage.confirm()
    assert values(stage.heard("ann")) == ["1"]


def test_reads_that_come_while_a_round_is_under_way_share_the_next() -> None:
    stage = led()
    stage.say("ann", read())
    stage.say("ann", *[read()] * 10)
    assert len({beat.round for beat in stage.heard("n2", AppendEntries)}) == 1
    stage.confirm()
    assert len(stage.heard("ann")) == 1, "the others asked after this round had begun"
    assert len({beat.round for beat in stage.heard("n2", AppendEntries)}) == 1
    stage.confirm()
    assert values(stage.heard("ann")) == ["1"] * 10


def test_a_leader_that_falls_sends_readers_away() -> None:
    stage = led()
    stage.say("ann", read())
    stage.say("n3", append(2, 0, 0))
    assert stage.heard("ann") == [NotLeader(None)]


# Followers


def test_a_follower_asks_its_leader_and_then_answers_by_itself() -> None:
    stage = following()
    assert stage.say("ann", read()) == []
    assert stage.heard("n2") == [ReadIndex()]


def answering(stage: Stage, answer: Any) -> None:
    """Let n2, when it is asked for a read index, say this."""

    def on_read_index(sender: str, question: ReadIndex) -> None:
        stage.peer("n2").heard.append(question)
        if answer is not None:
            stage.peer("n2").reply(answer)

    stage.peer("n2").on_read_index = on_read_index


def test_a_follower_answers_once_it_has_executed_what_the_leader_had_committed() -> None:
    stage = following()
    answering(stage, Done(3, ""))
    assert stage.say("ann", read()) == []
    stage.say("n2", append(1, 3, 1, commit=3))
    assert values(stage.heard("ann")) == ["2"]


def test_a_follower_that_is_far_enough_answers_at_once() -> None:
    stage = following()
    answering(stage, Done(2, ""))
    assert values(stage.say("ann", read())) == ["1"]


@pytest.mark.parametrize("answer", [NotLeader("n3"), None], ids=["refuses", "silent"])
def test_a_follower_whose_leader_can_not_say_sends_readers_away(answer: Any) -> None:
    stage = following()
    answering(stage, answer)
    answers = stage.say("ann", read())
    for _ in range(4):
        stage.wait(0.5)
        stage.say("n2", append(1, 3, 1))
    assert answers + stage.heard("ann") == [NotLeader("n2")]


def test_a_follower_that_does_not_get_so_far_in_time_sends_readers_away() -> None:
    stage = following()
    answering(stage, Done(3, ""))
    stage.say("ann", read())
    stage.wait(0.9)
    stage.say("n2", append(1, 3, 1))
    stage.wait(1.2)
    assert stage.heard("ann") == [NotLeader("n2")] and stage.server.waiting == []


def test_who_knows_no_leader_says_so() -> None:
    stage = Stage()
    assert stage.say("ann", read()) == [NotLeader(None)]


def test_only_a_leader_gives_a_read_index() -> None:
    stage = following()
    assert stage.say("n3", ReadIndex()) == [NotLeader("n2")]
    stage = led()
    stage.say("n3", ReadIndex())
    stage.confirm()
    assert [each for each in stage.heard("n3") if isinstance(each, Done)] == [Done(2, "")]


def test_a_follower_that_takes_over_a_snapshot_lets_its_readers_go() -> None:
    cluster = Cluster(options=Options(compact_after=5))
    (slow, other), leader = cluster.followers, cluster.leader
    cluster.sim.faults.bridge("eve", [slow], [leader, other])
    for number in range(20):
        cluster.do(lambda ann, value=str(number): ann.put("x", value))
    cluster.sim.faults.heal()
    assert cluster.do(lambda ann: ann.get("x", at=slow)) == "19"
    assert cluster.server(slow).snapshot.index > 5


# Levels


def test_a_stale_read_answers_at_once_with_whatever_is_there() -> None:
    stage = following()
    assert values(stage.say("ann", read(Consistency.STALE))) == ["1"]
    assert stage.heard("n2") == []
    assert Stage().say("ann", read(Consistency.STALE)) == [Done(0, to_text(Found(0, ())))]


def test_a_read_of_a_session_waits_for_what_the_client_has_seen() -> None:
    stage = following()
    assert values(stage.say("ann", read(Consistency.SESSION, least=2))) == ["1"]
    assert stage.say("ann", read(Consistency.SESSION, least=3)) == []
    stage.say("n2", append(1, 3, 1, commit=3))
    assert values(stage.heard("ann")) == ["2"]


def test_a_bounded_read_uses_a_read_index_again_while_it_is_young_enough() -> None:
    stage = following()
    answering(stage, Done(2, ""))
    for _ in range(4):
        assert values(stage.say("ann", read(Consistency.BOUNDED, bound=0.5))) == ["1"]
        stage.wait(0.1)
    assert stage.heard("n2") == [ReadIndex()]
    stage.wait(0.3)
    stage.say("ann", read(Consistency.BOUNDED, bound=0.5))
    assert stage.heard("n2") == [ReadIndex()]


def test_a_bounded_read_keeps_its_bound_on_a_server_whose_clock_is_slow() -> None:
    stage = following()
    stage.sim.faults.drift_clock("n1", 1 - stage.server.options.drift)
    answering(stage, Done(2, ""))
    for pause, asked in ((0.0, True), (0.45, False), (0.07, True)):
        stage.wait(pause)
        stage.say("ann", read(Consistency.BOUNDED, bound=0.5))
        assert (stage.heard("n2") == [ReadIndex()]) is asked, f"after {pause} s more"


def test_a_read_index_is_as_old_as_the_question_for_it() -> None:
    stage = following()
    answering(stage, None)
    stage.say("ann", read(Consistency.BOUNDED, bound=5.0))
    question = next(event for event in reversed(stage.sim.trace.events) if isinstance(event, Sent))
    assert question.message == ReadIndex()
    stage.wait(0.8)
    assert stage.server.known[0] == float("-inf")


def test_a_follower_that_is_cut_off_gives_bounded_answers_only_as_long_as_it_may() -> None:
    cluster = Cluster(patience=0.2)
    cluster.do(lambda ann: ann.put("x", "old"))
    cut, other = cluster.followers
    level = {"consistency": Consistency.BOUNDED, "bound": 0.4, "at": cut}
    assert cluster.do(lambda ann: ann.get("x", **level)) == "old"
    cluster.sim.faults.bridge("ann", [cut], [cluster.leader, other])
    cluster.do(lambda ann: ann.put("x", "new"))
    assert cluster.do(lambda ann: ann.get("x", **level)) == "old"
    cluster.wait(0.5)
    answer = cluster.begin(lambda ann: ann.get("x", **level))
    cluster.wait(1.0)
    assert not answer.done
    cluster.sim.faults.heal()
    cluster.wait(1.0)
    assert answer.result() == "new"


def test_a_stale_read_misses_what_a_linearizable_one_at_the_same_server_waits_for() -> None:
    cluster = Cluster()
    slow, other = cluster.followers
    cluster.do(lambda ann: ann.put("x", "1"))
    cluster.wait()
    cluster.sim.faults.bridge("ann", [slow], [cluster.leader, other])
    cluster.do(lambda ann: ann.put("x", "2"))
    assert cluster.do(lambda ann: ann.get("x", Consistency.STALE, at=slow)) == "1"
    waits = cluster.begin(lambda ann: ann.get("x", Consistency.SESSION, at=slow))
    cluster.wait(0.3)
    assert not waits.done
    cluster.sim.faults.heal()
    cluster.wait(0.5)
    assert waits.result() == "2"


def messages(cluster: Cluster, reads: int, at: str | None, **options: Any) -> float:
    """Messages between servers for each of so many reads at once, without the heartbeats of the time."""
    before = len(cluster.sim.trace.events)
    tasks = [cluster.begin(lambda ann: ann.get("x", at=at, **options)) for _ in range(reads)]
    cluster.until(lambda: all(task.done for task in tasks))
    sent = [event for event in cluster.sim.trace.events[before:] if isinstance(event, Sent)]
    return sum(event.node in cluster.names and event.to in cluster.names for event in sent) / reads


def test_a_read_costs_a_round_and_many_at_once_share_it() -> None:
    cluster = Cluster(options=Options(heartbeat=5.0, election=(20.0, 30.0)))
    leader, follower = cluster.leader, cluster.followers[0]
    cluster.do(lambda ann: ann.put("x", "1"))
    cluster.wait(1.0)
    assert messages(cluster, 1, leader) == 4
    assert messages(cluster, 1, follower) == 6
    assert messages(cluster, 100, leader) <= 0.08
    assert messages(cluster, 100, follower) <= 0.12
    assert messages(cluster, 10, follower, consistency=Consistency.STALE) == 0


def test_with_a_lease_the_leader_asks_nobody() -> None:
    cluster = Cluster(options=Options(lease=True, heartbeat=0.05))
    cluster.do(lambda ann: ann.put("x", "1"))
    begun = cluster.sim.now
    assert cluster.do(lambda ann: ann.get("x", at=cluster.leader)) == "1"
    assert cluster.sim.now - begun == pytest.approx(2 * DELAY)


# Bad questions


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Read("x"), "text is no JSON"),
        (Read(to_text(Put("x", "1"))), "type is 'Put': it must be one of Get, LeaseStatus"),
        (Read('{"type":"Get","key":""}'), "key is ''"),
        (Read(X, least=-1), "least is -1"),
        (Read(X, Consistency.BOUNDED), "bound is 0.0: it must be a time over 0"),
        (Read(X, Consistency.BOUNDED, float("nan")), "bound is nan"),
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_refused_in_words(question: Read, words: str) -> None:
    (answer,) = Stage().say("ann", question)
    assert isinstance(answer, Malformed) and words in answer.why


def test_records_come_with_their_numbers() -> None:
    cluster = Cluster()
    cluster.do(lambda ann: ann.put("x", "1"))
    cluster.do(lambda ann: ann.put("x", "2"))
    assert cluster.do(lambda ann: ann.find("", "")) == Found(2, (Record("x", "2", 1, 2, 2),))


def test_answers_of_a_follower_count_as_answers_of_its_round() -> None:
    stage = led()
    stage.say("ann", read())
    stage.say("n3", Appended(1, False, 0, stage.server.round, 0, 2))
    assert values(stage.heard("ann")) == ["1"]
