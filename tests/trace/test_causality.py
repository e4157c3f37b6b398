"""Happens-before, against its definition taken word for word: order on a node, from send to delivery, and on."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from lessons.trace import Delivered, Dropped, Event, Faulted, Noted, Sent, Started, Trace
from tests.sim.worlds import LAWS, Gossip, Plan, Talker, plans


def directly(one: Event, other: Event) -> bool:
    """Whether ``one`` is a direct cause of ``other``, by the definition of Lamport 1978."""
    if isinstance(other, Delivered) and other.sent == one.index:
        return True
    unseen = isinstance(one, Dropped)  # the network's business: the node does not know
    return not unseen and one.node == other.node != "" and one.index < other.index


def closure(events: list[Event]) -> dict[int, frozenset[int]]:
    """The past of every event, by brute force."""

    @cache
    def past(index: int) -> frozenset[int]:
        causes = {one.index for one in events[:index] if directly(one, events[index])}
        return frozenset(causes.union(*map(past, causes)))

    return {event.index: past(event.index) for event in events}


SMALL = plans(kind=st.sampled_from([Gossip, Talker]))


@given(SMALL)
@LAWS
def test_the_past_is_the_transitive_closure_of_the_direct_causes(plan: Plan) -> None:
    trace = plan.build().run(0.9)
    pasts = closure(list(trace))
    assert {event.index: trace.causal_past(event.index) for event in trace} == pasts


@given(SMALL)
@LAWS
def test_the_future_is_the_past_seen_from_the_other_side(plan: Plan) -> None:
    trace = plan.build().run(0.9)
    pasts = closure(list(trace))
    for event in trace:
        later = {index for index, past in pasts.items() if event.index in past}
        assert trace.causal_future(event.index) == later


@given(SMALL)
@LAWS
def test_happens_before_is_a_strict_order_that_agrees_with_the_record(plan: Plan) -> None:
    trace = plan.build().run(0.5)
    for one in trace:
        assert not trace.happens_before(one.index, one.index)
        for other in trace.causal_past(one.index):
            assert trace.happens_before(other, one.index) and not trace.happens_before(one.index, other)
            assert other < one.index and trace.causal_past(other) < trace.causal_past(one.index)


def by_hand() -> Trace:
    """b answers a, loses a message to c, and a fault hits the whole world."""
    return Trace.of(
        [
            Started(0, 0.0, "a"),
            Started(1, 0.0, "b"),
            Started(2, 0.0, "c"),
            Sent(3, 1.0, "a", "b", "question", 2.0, None),
            Delivered(4, 2.0, "b", "a", "question", 3, False),
            Sent(5, 2.0, "b", "c", "news", None, None),
            Dropped(6, 2.0, "c", "b", "news", 5, "loss"),
            Faulted(7, 2.5, "", "heal", {}, {}),
            Noted(8, 3.0, "c", "alone", {}),
            Sent(9, 3.0, "b", "a", "answer", 4.0, 3),
            Delivered(10, 4.0, "a", "b", "answer", 9, False),
        ],
        nodes={"a": "Node", "b": "Node", "c": "Node"},
    )


def test_an_answer_has_its_question_in_its_past() -> None:
    trace = by_hand()
    assert trace.causal_past(10) == {0, 1, 3, 4, 5, 9}
    assert trace.causal_future(3) == {4, 5, 6, 9, 10} - {6}


def test_a_lost_message_and_a_fault_of_the_world_have_no_future() -> None:
    trace = by_hand()
    assert trace.causal_future(6) == trace.causal_future(7) == frozenset()
    assert trace.causal_past(8) == {2} and trace.causal_past(7) == frozenset()


def test_a_fault_of_a_node_is_an_event_of_that_node() -> None:
    trace = Trace.of(
        [Started(0, 0.0, "a"), Faulted(1, 1.0, "a", "crash", {"node": "a"}, {}), Started(2, 2.0, "a")],
        nodes={"a": "Node"},
    )
    assert trace.happens_before(0, 1) and trace.happens_before(1, 2)
