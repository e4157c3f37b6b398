"""What holds in every world, whatever its links, disks and faults: laws of time, messages and lives."""

from __future__ import annotations

from collections import Counter as Tally

from hypothesis import given
from hypothesis import strategies as st

from lessons.sim import DiskModel, Network
from lessons.trace import Changed, Delivered, Dropped, Event, Faulted, Invoked, Returned, Sent, Started, Trace
from tests.sim.worlds import LAWS, Counter, Plan, Talker, actions_but, cut_before, fates, links, networks, plans


@given(plans())
@LAWS
def test_the_clock_never_goes_back(plan: Plan) -> None:
    trace = plan.run()
    times = [event.time for event in trace]
    assert times == sorted(times)
    assert not times or 0 <= times[0] <= times[-1] <= trace.end


@given(plans())
@LAWS
def test_an_event_stands_at_its_index(plan: Plan) -> None:
    trace = plan.run()
    assert [event.index for event in trace] == list(range(len(trace)))


@given(plans())
@LAWS
def test_every_delivery_has_its_send_before_it(plan: Plan) -> None:
    trace = plan.run()
    for event in [*trace.only(Delivered), *trace.only(Dropped)]:
        sent = trace[event.sent]
        assert isinstance(sent, Sent) and sent.index < event.index and sent.time <= event.time
        assert (sent.node, sent.to, sent.message) == (event.sender, event.node, event.message)


@given(plans(network=networks(duplicate=st.just(0.0)), actions=actions_but("weather"), nemesis=st.none()))
@LAWS
def test_without_duplication_a_message_has_one_fate_at_most(plan: Plan) -> None:
    assert all(len(fate) == 1 for fate in fates(plan.run()).values())


@given(plans())
@LAWS
def test_with_duplication_a_message_has_two_fates_at_most_and_the_second_delivery_is_marked(plan: Plan) -> None:
    trace = plan.run()
    assert all(len(fate) <= 2 for fate in fates(trace).values())
    seen: set[int] = set()
    for event in trace.only(Delivered):
        assert event.copy == (event.sent in seen)
        seen.add(event.sent)


@given(plans())
@LAWS
def test_a_message_that_has_met_no_fate_is_on_its_way_or_waits_at_a_stalled_node(plan: Plan) -> None:
    trace = plan.run()
    known, stalled = fates(trace), paused_at_the_end(trace)
    for sent in trace.only(Sent):
        if sent.index not in known:
            waits = sent.to in stalled or plan.disk.sync > 0
            assert sent.arrives is not None and (sent.arrives > trace.end or waits)


def paused_at_the_end(trace: Trace) -> set[str]:
    """The nodes that a pause still holds."""
    paused: set[str] = set()
    for event in trace.only(Faulted):
        paused |= set(event.effect.get("pause", ()))
        paused -= {*event.effect.get("resume", ()), *event.effect.get("down", ()), *event.effect.get("up", ())}
    return paused


class Brief(Talker):
    """A Talker that has an end, so that its run has one."""

    def __init__(self) -> None:
        super().__init__(every=0.3, most=5)


@given(plans(kind=st.just(Brief), actions=actions_but("pause"), nemesis=st.none()))
@LAWS
def test_when_a_run_ends_by_itself_every_message_has_met_its_fate(plan: Plan) -> None:
    trace = plan.build().run()
    sent = {event.index for event in trace.only(Sent)}
    assert sent == set(fates(trace))


IN_ORDER = links(reorder=st.just(0.0)).map(Network)


@given(plans(kind=st.just(Talker), network=IN_ORDER, actions=actions_but("weather"), nemesis=st.none()))
@LAWS
def test_links_that_never_reorder_deliver_in_the_order_of_sending(plan: Plan) -> None:
    last: Tally[tuple[str, str]] = Tally()
    for event in plan.run().only(Delivered):
        pair = (event.sender, event.node)
        assert event.sent >= last[pair], f"#{event.sent} after #{last[pair]}"
        last[pair] = event.sent


@given(plans(disk=st.just(DiskModel(sync=0.0)), actions=actions_but("pause"), nemesis=st.none()))
@LAWS
def test_nothing_passes_a_cut(plan: Plan) -> None:
    trace = plan.run()
    for event, cuts in zip(trace, cut_before(trace), strict=True):
        if isinstance(event, Delivered):
            assert (event.sender, event.node) not in cuts
        if isinstance(event, Dropped) and event.why == "partition":
            assert (event.sender, event.node) in cuts


def acts(event: Event) -> bool:
    """Whether something happens in the node's process: a drop and a fault come from outside."""
    return not isinstance(event, Dropped | Faulted)


@given(plans())
@LAWS
def test_nothing_happens_on_a_node_that_is_down(plan: Plan) -> None:
    down: set[str] = set()
    for event in plan.run():
        if isinstance(event, Started):
            down.discard(event.node)
        assert not (acts(event) and event.node in down), event
        if isinstance(event, Faulted):
            down |= set(event.effect.get("down", ()))


@given(plans())
@LAWS
def test_nothing_happens_on_a_node_that_is_paused(plan: Plan) -> None:
    paused: set[str] = set()
    for event in plan.run():
        assert not (acts(event) and event.node in paused), event
        if isinstance(event, Faulted):
            paused -= {*event.effect.get("resume", ()), *event.effect.get("down", ())}
            paused |= set(event.effect.get("pause", ()))


@given(plans())
@LAWS
def test_a_node_starts_once_and_then_once_a_restart(plan: Plan) -> None:
    trace = plan.run()
    starts = Tally(event.node for event in trace.only(Started))
    ups = Tally(node for event in trace.only(Faulted) for node in event.effect.get("up", ()))
    assert starts == {name: 1 + ups[name] for name in trace.nodes}


FORGETFUL = st.builds(DiskModel, sync=st.sampled_from([0.0, 0.03]), keep=st.just(0.0))


@given(plans(kind=st.just(Counter), disk=FORGETFUL, actions=actions_but("pause"), nemesis=st.none()))
@LAWS
def test_a_restart_loses_exactly_the_unsynced(plan: Plan) -> None:
    totals: dict[str, int] = {}
    for event in plan.run():
        if isinstance(event, Changed):  # a Counter shows a total once it is synced
            if not event.before:
                assert event.after["total"] == totals.get(event.node, 0)
            totals[event.node] = event.after["total"]


@given(plans())
@LAWS
def test_an_operation_returns_once_at_most_and_after_its_call(plan: Plan) -> None:
    trace = plan.run()
    called = {event.op: event for event in trace.only(Invoked)}
    returned = [event.op for event in trace.only(Returned)]
    assert len(called) == len(trace.only(Invoked)) and len(set(returned)) == len(returned)
    assert all(called[event.op].index < event.index for event in trace.only(Returned))


@given(plans())
@LAWS
def test_every_run_can_be_written_down(plan: Plan) -> None:
    trace = plan.run()
    assert len(trace.lines()) == len(trace.transcript().splitlines()) == len(trace)
    assert trace.to_json().startswith("{")
