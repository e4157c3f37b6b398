"""Workflows: coroutines that sleep, call and gather, end, fail and are cancelled, and lose nothing on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from lessons.node import AuthorError, BadDelay, Cancelled, Future, Node, Task, TimedOut, UnknownNode
from lessons.node.life import MOST_REMEMBERED
from lessons.sim import Constant, Link, Simulation
from lessons.trace import Delivered, Fired, Noted, Sent, Trace
from tests.sim.worlds import Echo, Idle, Ping, Pong


class Worker(Node):
    """Begins its workflow ``work`` when it starts, and notes what that returns."""

    def start(self) -> None:
        self.task = self.spawn(self.main())

    async def main(self) -> None:
        result = await self.work()
        if result is not None:
            self.note("result", value=result)

    async def work(self) -> Any:
        raise NotImplementedError


def run(kind: type[Node], *servers: type[Node]) -> Trace:
    """Run a node "w" beside servers "a", "b" ...; every message takes 0.1 s."""
    sim = Simulation(1, network=Link(Constant(0.1)))
    for name, server in zip("abcd", servers, strict=False):
        sim.add(name, server)
    sim.add("w", kind)
    return sim.run()


def results(trace: Trace) -> list[Any]:
    return [event.facts["value"] for event in trace.only(Noted) if event.text == "result"]


# Sleep, call, gather


def test_a_workflow_runs_to_its_first_await_at_once() -> None:
    class Eager(Node):
        def start(self) -> None:
            order = ["before"]
            self.spawn(self.work(order))
            order.append("after")
            self.note("order", order=order)

        async def work(self, order: list[str]) -> None:
            order.append("inside")
            await self.sleep(1.0)

    assert run(Eager).only(Noted)[0].facts["order"] == ["before", "inside", "after"]


def test_a_sleep_takes_its_time_and_is_on_record_by_the_name_of_its_workflow() -> None:
    class Sleeper(Worker):
        async def work(self) -> float:
            await self.sleep(0.25)
            await self.sleep(0)
            return self.now

    trace = run(Sleeper)
    assert results(trace) == [0.25]
    assert [(event.time, event.name) for event in trace.only(Fired)] == [(0.25, "main"), (0.25, "main")]


def test_a_call_returns_the_reply_to_it_and_not_another_one() -> None:
    class Asker(Worker):
        async def work(self) -> list[Pong]:
            first, second = self.spawn(self.ask(1)), self.spawn(self.ask(2))
            return [await second, await first]

        async def ask(self, number: int) -> Pong:
            return await self.call("a", Ping(number))

    class Backwards(Node):
        """Answers the second Ping before the first."""

        async def on_ping(self, sender: str, ping: Ping) -> None:
            await self.sleep(3.0 - ping.number)
            self.reply(Pong(ping.number))

    assert results(run(Asker, Backwards)) == [[Pong(2), Pong(1)]]


def test_a_call_without_an_answer_times_out() -> None:
    class Asker(Worker):
        async def work(self) -> str:
            try:
                await self.call("a", Ping(), timeout=0.15)
            except TimedOut as error:
                return f"{self.now:g}: {error} {error.answers}"

    assert results(run(Asker, Echo)) == ["0.15: Ping to a had no answer within 0.15 s {}"]


def test_an_answer_in_time_leaves_no_timer_behind() -> None:
    class Asker(Worker):
        async def work(self) -> None:
            await self.call("a", Ping(), timeout=5.0)

    assert not run(Asker, Echo).only(Fired)


class Slow(Echo):
    """Answers a second late."""

    def on_ping(self, sender: str, ping: Ping) -> Any:
        return self.late(ping)

    async def late(self, ping: Ping) -> None:
        await self.sleep(1.0)
        self.reply(Pong(ping.number))


def test_gather_returns_the_first_answers_in_the_order_of_their_arrival() -> None:
    class Asker(Worker):
        async def work(self) -> Any:
            answers = await self.gather(["a", "b", "c"], Ping(), first=2)
            return list(answers.items()), self.now

    trace = run(Asker, Slow, Echo, Echo)
    assert results(trace) == [([("b", Pong(0)), ("c", Pong(0))], 0.2)]
    assert len(trace.only(Delivered, node="w")) == 3, "the third came, to nobody"


def test_gather_waits_for_all_unless_told_otherwise_and_for_none_if_none_is_asked() -> None:
    class Asker(Worker):
        async def work(self) -> Any:
            nobody = await self.gather([], Ping())
            none = await self.gather(["a"], Ping(), first=0)
            everybody = await self.gather(["a", "b"], Ping())
            return nobody, none, sorted(everybody)

    trace = run(Asker, Echo, Slow)
    assert results(trace) == [({}, {}, ["a", "b"])]
    assert len(trace.only(Sent, node="w")) == 3


def test_a_gather_that_times_out_carries_the_answers_that_came() -> None:
    class Asker(Worker):
        async def work(self) -> Any:
            try:
                await self.gather(["a", "b", "c"], Ping(), first=3, timeout=0.5)
            except TimedOut as error:
                return str(error), error.answers

    expected = ("Ping to a, b, c had no answer within 0.5 s", {"a": Pong(0), "c": Pong(0)})
    assert results(run(Asker, Echo, Slow, Echo)) == [expected]


@pytest.mark.parametrize(("first", "rule"), [(3, "first is 3: it must be 0 to 2"), (-1, "first is -1: it")])
def test_gather_refuses_to_wait_for_more_answers_than_it_asks_for(first: int, rule: str) -> None:
    class Asker(Worker):
        async def work(self) -> None:
            await self.gather(["a", "b"], Ping(), first=first)

    with pytest.raises(ValueError, match=rule):
        run(Asker, Echo, Echo)


def test_gather_refuses_to_ask_a_node_twice() -> None:
    class Asker(Worker):
        async def work(self) -> None:
            await self.gather(["a", "b", "a"], Ping())

    with pytest.raises(ValueError, match=r"to is \['a', 'b', 'a'\]: name each node once"):
        run(Asker, Echo, Echo)


def test_a_handler_may_be_a_workflow_that_replies_to_its_own_message() -> None:
    class Asker(Worker):
        async def work(self) -> Any:
            one, other = self.spawn(self.call("a", Ping(1))), self.spawn(self.call("a", Ping(2)))
            return await one, await other

    assert results(run(Asker, Slow)) == [(Pong(1), Pong(2))]


def test_a_workflow_that_a_timer_began_has_nothing_to_reply_to() -> None:
    class Confused(Worker):
        async def work(self) -> None:
            await self.sleep(1.0)
            self.reply(Pong())

    with pytest.raises(AuthorError, match=r"w replies with Pong\(number=0\), but no message is being handled"):
        run(Confused)


# Failing


def fails_with(error: type[Exception], text: str, kind: type[Node], *servers: type[Node]) -> None:
    """The run ends with this error, which says where it was."""
    with pytest.raises(error, match=text) as caught:
        run(kind, *servers)
    assert "(in an event of node w)" in caught.value.__notes__


def test_an_error_before_the_first_await_is_not_lost() -> None:
    class Failing(Worker):
        async def work(self) -> None:
            raise KeyError("oops")

    fails_with(KeyError, "oops", Failing)


def test_an_error_after_a_sleep_is_not_lost() -> None:
    class Failing(Worker):
        async def work(self) -> None:
            await self.sleep(1.0)
            raise KeyError("oops")

    fails_with(KeyError, "oops", Failing)


def test_an_error_after_an_answer_is_not_lost() -> None:
    class Failing(Worker):
        async def work(self) -> None:
            await self.call("a", Ping())
            raise KeyError("oops")

    fails_with(KeyError, "oops", Failing, Echo)


def test_an_error_of_a_handler_that_is_a_workflow_is_not_lost() -> None:
    class Failing(Node):
        def start(self) -> None:
            self.send("w", Ping())

        async def on_ping(self, sender: str, ping: Ping) -> None:
            await self.sleep(1.0)
            raise KeyError("oops")

    fails_with(KeyError, "oops", Failing)


def test_a_timeout_that_nobody_catches_is_not_lost() -> None:
    class Failing(Worker):
        async def work(self) -> None:
            await self.call("a", Ping(), timeout=0.1)

    fails_with(TimedOut, "Ping to a had no answer within 0.1 s", Failing, Slow)


def test_an_error_of_a_task_goes_to_the_one_who_awaits_it() -> None:
    class Parent(Worker):
        async def work(self) -> str:
            try:
                await self.spawn(self.child())
            except KeyError as error:
                return f"caught {error}"

        async def child(self) -> None:
            await self.sleep(1.0)
            raise KeyError("oops")

    assert results(run(Parent)) == ["caught 'oops'"]


def test_an_error_of_a_task_is_not_lost_when_the_one_who_awaited_it_was_cancelled() -> None:
    class Parent(Worker):
        async def work(self) -> None:
            child = self.spawn(self.child())
            waiting = self.spawn(self.wait_for(child))
            waiting.cancel()
            await self.sleep(5.0)

        async def wait_for(self, child: Task) -> None:
            await child

        async def child(self) -> None:
            await self.sleep(1.0)
            raise KeyError("oops")

    fails_with(KeyError, "oops", Parent)


@pytest.mark.parametrize("delay", [-1, float("nan"), float("inf")])
def test_a_sleep_of_no_real_length_is_refused(delay: float) -> None:
    class Sleeper(Worker):
        async def work(self) -> None:
            await self.sleep(delay)

    fails_with(BadDelay, r"the delay of sleep\(\) is .*: it must be a finite number of seconds, 0 or more", Sleeper)


def test_a_timeout_of_no_real_length_is_refused() -> None:
    class Asker(Worker):
        async def work(self) -> None:
            await self.call("a", Ping(), timeout=-1)

    fails_with(BadDelay, "is -1: it must be a finite number of seconds, 0 or more", Asker, Echo)


def test_a_call_to_an_unknown_node_is_refused_where_it_is_made() -> None:
    class Asker(Worker):
        async def work(self) -> str:
            try:
                await self.call("nobody", Ping())
            except UnknownNode as error:
                return str(error)

    assert results(run(Asker, Echo)) == ["there is no node 'nobody'; known nodes: a, w"]


# Foreign awaitables


@pytest.mark.parametrize("before", ["nothing", "sleep", "call"])
@pytest.mark.parametrize("watched", [(), ("name",)])
def test_awaiting_nothing_of_ours_is_refused_and_says_what_to_await(before: str, watched: tuple[str, ...]) -> None:
    class Foreign(Worker):
        async def work(self) -> None:
            if before == "sleep":
                await self.sleep(0.1)
            elif before == "call":
                await self.call("a", Ping())
            await asyncio.sleep(0)

    Foreign.watched = watched
    fails_with(AuthorError, r"workflow main awaits None: await self\.sleep, self\.call, self\.gather", Foreign, Echo)


def test_awaiting_a_sleep_of_asyncio_is_refused_also_where_its_loop_runs() -> None:
    class Foreign(Worker):
        async def work(self) -> None:
            await asyncio.sleep(0.01)

    async def as_in_a_notebook() -> None:
        fails_with(AuthorError, "awaits <Future pending.*asyncio's awaitables need a real clock", Foreign)

    asyncio.run(as_in_a_notebook())


def test_a_start_may_be_a_workflow() -> None:
    class Slow(Node):
        async def start(self) -> None:
            await self.sleep(0.5)
            self.note("started", at=self.now)

    assert [event.facts["at"] for event in run(Slow).only(Noted)] == [0.5]


@pytest.mark.parametrize("spawned", [None, print, [], Future()])
def test_spawning_what_is_no_workflow_is_refused(spawned: Any) -> None:
    class Spawning(Node):
        def start(self) -> None:
            self.spawn(spawned)

    fails_with(AuthorError, r"w spawns .*: hand over the call of an async method, self.work\(\)", Spawning)


def test_spawning_a_generator_is_refused() -> None:
    class Spawning(Node):
        def start(self) -> None:
            self.spawn(number for number in (1.0, 2.0))  # type: ignore[arg-type]

    fails_with(AuthorError, "w spawns <generator object", Spawning)


def test_awaiting_its_own_task_is_refused() -> None:
    class Circular(Worker):
        async def work(self) -> None:
            await self.sleep(0.1)
            await self.task

    fails_with(AuthorError, "workflow main awaits its own task: it would wait for ever", Circular)


def test_a_sleep_can_be_spawned_and_cancelled() -> None:
    class Sleeper(Worker):
        async def work(self) -> list[bool]:
            one, other = self.spawn(self.sleep(1.0)), self.spawn(self.sleep(2.0))
            await one
            other.cancel()
            return [one.done, other.done, self.now == 1.0]

    assert results(run(Sleeper)) == [[True, True, True]]


# Cancelling


class Cancelling(Worker):
    """Cancels its workflow ``job`` half a second after it began."""

    async def work(self) -> Any:
        job = self.spawn(self.job())
        await self.sleep(0.5)
        job.cancel()
        job.cancel()
        try:
            await job
        except Cancelled as error:
            return str(error)

    async def job(self) -> Any:
        raise NotImplementedError


WAITS: list[Callable[[Node], Any]] = [
    lambda node: node.sleep(1.0),
    lambda node: node.call("a", Ping(), timeout=2.0),
    lambda node: Future(),
]


@pytest.mark.parametrize("wait", WAITS, ids=["sleep", "call", "future"])
def test_a_cancelled_workflow_cleans_up_and_does_not_go_on(wait: Callable[[Node], Any]) -> None:
    class Canceller(Cancelling):
        async def job(self) -> None:
            try:
                await wait(self)
                self.note("went on")
            finally:
                self.note("cleaned up", now=self.now)

    trace = run(Canceller, Slow)
    told = [(event.text, event.time) for event in trace.only(Noted)]
    assert told == [("cleaned up", 0.5), ("result", 0.5)]
    assert results(trace) == ["workflow job was cancelled"]


def test_a_workflow_can_not_refuse_to_be_cancelled() -> None:
    class Stubborn(Cancelling):
        async def job(self) -> None:
            try:
                await self.sleep(1.0)
            except Cancelled:
                await self.sleep(1.0)
                self.note("went on")

    assert [event.text for event in run(Stubborn).only(Noted)] == ["result"]


def test_an_error_while_cleaning_up_is_not_lost() -> None:
    class Clumsy(Cancelling):
        async def work(self) -> None:
            job = self.spawn(self.job())
            await self.sleep(0.5)
            job.cancel()

        async def job(self) -> None:
            try:
                await self.sleep(1.0)
            finally:
                raise KeyError("oops")

    fails_with(KeyError, "oops", Clumsy)


def test_a_cancelled_call_ignores_its_answer_and_its_timeout() -> None:
    class Canceller(Cancelling):
        async def job(self) -> None:
            await self.call("a", Ping(), timeout=3.0)

    trace = run(Canceller, Slow)
    assert len(trace.only(Delivered, node="w")) == 1
    assert [event.name for event in trace.only(Fired, node="w")] == ["main"]


def test_a_workflow_that_cancels_itself_ends_at_its_next_await() -> None:
    class Resigning(Worker):
        async def work(self) -> Any:
            self.job = self.spawn(self.resign())
            try:
                await self.job
            except Cancelled as error:
                return str(error)

        async def resign(self) -> None:
            await self.sleep(1.0)
            try:
                self.job.cancel()
                self.note("still here")
                await self.call("a", Ping())
                self.note("went on")
            finally:
                self.note("cleaned up", now=self.now)

    trace = run(Resigning, Echo)
    assert [event.text for event in trace.only(Noted)] == ["still here", "cleaned up", "result"]
    assert results(trace) == ["workflow resign was cancelled"]
    assert trace.only(Noted)[1].facts == {"now": 1.0}


def test_a_workflow_that_cancels_itself_and_returns_has_its_result() -> None:
    class Resigning(Worker):
        async def work(self) -> Any:
            self.job = self.spawn(self.resign())
            return await self.job

        async def resign(self) -> int:
            await self.sleep(1.0)
            self.job.cancel()
            return 42

    assert results(run(Resigning)) == [42]


def test_cancelling_what_has_ended_changes_nothing() -> None:
    class Late(Worker):
        async def work(self) -> Any:
            job = self.spawn(self.job())
            await self.sleep(1.0)
            job.cancel()
            return await job

        async def job(self) -> int:
            return 42

    assert results(run(Late)) == [42]


def test_what_a_cancelled_workflow_replies_goes_to_the_one_it_served() -> None:
    class Server(Node):
        """Answers a first Ping when a second one cancels it."""

        job: Task | None = None

        async def on_ping(self, sender: str, ping: Ping) -> None:
            if self.job is not None:
                self.job.cancel()
                return
            self.job = self.spawn(self.serve(ping))

        async def serve(self, ping: Ping) -> None:
            try:
                await self.sleep(9.0)
            except Cancelled:
                self.reply(Pong(ping.number))

    class Asker(Worker):
        async def work(self) -> Any:
            first = self.spawn(self.call("a", Ping(1), timeout=1.0))
            await self.sleep(0.5)
            self.send("a", Ping(2))
            return await first

        def on_pong(self, sender: str, pong: Pong) -> None:
            self.note("answer to the wrong one")

    assert results(run(Asker, Server)) == [Pong(1)]


# Futures and tasks


def test_a_future_is_set_once() -> None:
    future: Future[int] = Future()
    assert not future.done
    future.set(1)
    future.set(2)
    future.fail(KeyError("too late"))
    assert (future.done, future.result()) == (True, 1)


def test_a_failed_future_stays_failed() -> None:
    future: Future[int] = Future()
    future.fail(KeyError("first"))
    future.set(1)
    with pytest.raises(KeyError, match="first"):
        future.result()


def test_the_result_of_a_future_that_has_none_is_an_authors_error() -> None:
    with pytest.raises(AuthorError, match="this future has no value yet: await it"):
        Future().result()


def test_callbacks_of_a_future_come_once_in_order_and_at_once_when_it_is_done() -> None:
    future: Future[int] = Future()
    order: list[str] = []
    future.then(lambda: order.append("first"))
    future.then(lambda: order.append("second"))
    future.set(1)
    future.set(1)
    future.then(lambda: order.append("third"))
    assert order == ["first", "second", "third"]


def test_a_future_wakes_everybody_who_awaits_it() -> None:
    class Waiters(Worker):
        async def work(self) -> list[int]:
            future: Future[int] = Future()
            waiters = [self.spawn(self.wait(future, add)) for add in (1, 2)]
            self.after(1.0, future.set, 10)
            return [await waiter for waiter in waiters]

        async def wait(self, future: Future[int], add: int) -> int:
            return await future + add

    trace = run(Waiters)
    assert results(trace) == [[11, 12]]
    assert trace.end == 1.0


def test_awaiting_what_is_done_takes_no_time_and_no_event() -> None:
    class Rereader(Worker):
        async def work(self) -> Any:
            task = self.spawn(self.job())
            return await task, await task, self.now

        async def job(self) -> int:
            return 42

    trace = run(Rereader)
    assert results(trace) == [(42, 42, 0.0)]
    assert not trace.only(Fired)


def test_of_two_that_a_future_wakes_the_first_may_cancel_the_second() -> None:
    class Rivals(Worker):
        async def work(self) -> list[str]:
            gate: Future[int] = Future()
            said: list[str] = []
            first = self.spawn(self.race(gate, said))
            self.rival = second = self.spawn(self.race(gate, said))
            gate.set(1)
            return [*said, str(first.done), str(second.done)]

        async def race(self, gate: Future[int], said: list[str]) -> None:
            try:
                await gate
                self.rival.cancel()
                said.append("won")
            except Cancelled:
                said.append("lost")
                raise

    assert results(run(Rivals)) == [["lost", "won", "True", "True"]]


def test_what_is_set_begun_or_cancelled_to_clean_up_at_a_crash_resumes_nobody() -> None:
    heard: list[str] = []

    class Dying(Worker):
        def start(self) -> None:
            self.gate: Future[int] = Future()
            self.tasks = [self.spawn(self.wait(name)) for name in "xyz"]

        async def wait(self, name: str) -> None:
            try:
                await self.gate
                heard.append(f"{name} went on")
            finally:
                heard.append(f"{name} left")
                self.gate.set(1)
                self.tasks[2].cancel()
                self.spawn(self.wait("child"))

    sim = Simulation(1)
    sim.add("w", Dying)
    sim.at(1.0).crash("w")
    sim.run()
    assert heard == ["x left", "y left", "z left"]


@pytest.mark.parametrize("length", [10, 3000])
def test_a_chain_of_workflows_may_be_as_long_as_it_likes(length: int) -> None:
    class Chain(Worker):
        async def work(self) -> list[Any]:
            last: Task | None = None
            for _ in range(length):
                last = self.spawn(self.link(last))
            assert last is not None
            return [await last, self.now]

        async def link(self, before: Task | None) -> int:
            if before is None:
                await self.sleep(1.0)
                return 1
            return 1 + int(await before)

    assert results(run(Chain)) == [[length, 1.0]]


@pytest.mark.parametrize("length", [10, 3000])
def test_a_chain_of_workflows_that_cancel_each_other_may_be_as_long_as_it_likes(length: int) -> None:
    left: list[int] = []

    class Chain(Worker):
        async def work(self) -> float:
            self.links = [self.spawn(self.link(number)) for number in range(length)]
            await self.sleep(1.0)
            self.links[-1].cancel()
            await self.sleep(1.0)
            return self.now

        async def link(self, number: int) -> None:
            try:
                await self.sleep(5.0)
            finally:
                left.append(number)
                if number:
                    self.links[number - 1].cancel()

    assert results(run(Chain)) == [2.0]
    assert left == list(reversed(range(length)))


def test_tasks_that_end_are_let_go() -> None:
    class Busy(Idle):
        def start(self) -> None:
            for delay in (0.0, 1.0):
                self.spawn(self.job(delay))
            self.spawn(self.job(9.0)).cancel()

        async def job(self, delay: float) -> None:
            await self.sleep(delay)

    sim = Simulation(1)
    sim.add("w", Busy)
    sim.run()
    host: Any = sim.node("w")._host
    assert not host.tasks


def test_calls_that_are_over_are_not_remembered_for_ever_and_late_answers_still_surprise_nobody() -> None:
    class Slow(Node):
        async def on_ping(self, sender: str, ping: Ping) -> None:
            await self.sleep(1.0 if ping.number % 1000 else 20.0)
            self.reply(Pong(ping.number))

    class Caller(Node):
        async def start(self) -> None:
            self.most = self.late = 0
            for number in range(16_000):
                try:
                    await self.call("a", Ping(number), timeout=0.001)
                except TimedOut:
                    self.late += 1
                self.most = max(self.most, len(self._host.waiting))

    sim = Simulation(1, network=Link(Constant(0.1)))
    sim.add("a", Slow)
    sim.add("w", Caller)
    sim.run()
    caller = sim.node("w")
    assert caller.late == 16_000
    assert caller.most <= MOST_REMEMBERED + 1
