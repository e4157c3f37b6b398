"""Carry out each request once.

A client numbers the requests of its session and has several of them under way. It sends a request again when it gets
no answer, so that the log may have it twice, and late. With each request it says which of its requests are answered:
all before `first`.

Write `once(self, command)`, which is called for each command of a session, in the order of the log. `command` has
`session`, `number`, `first` (0 means: all before this one are answered) and `do`. You have

- `self.sessions.use(number, self.time)`: the session of that number, or None if there is none;
- `session.answers`: a dictionary from the number of a request to its answer, empty at first, and `session.first`,
  the number of the first request whose answer may still be asked for, 1 at first;
- `session.acknowledge(first)`: sets `session.first`, never back, and forgets the answers before it;
- `self.carry_out(command)`: does it, and returns its answer, a text;
- `to_text(NoSession(number))` and `to_text(Forgotten(number))`: answers that say that nothing was done.

Return the answer. A request that comes again must get the answer that it got the first time.
"""

from collections.abc import Callable, Iterator
from typing import Any

from lessons.agreement.replicated_kv import Append, Command, Get, KVMachine, KVServer, Limits, Txn, from_text, to_text
from lessons.agreement.replicated_kv.answers import Forgotten, NoSession
from lessons.agreement.replicated_kv.commands import Register
from lessons.agreement.replicated_kv.invariants import Linearizable
from lessons.agreement.replicated_kv.runs import TROUBLE, kv_run
from lessons.sim import Link, LogNormal
from lessons.trace import Trace

LEVEL = 2
MINUTES = 25
HINTS = [
    "Four things can be true of a request: its session is unknown, its answer is known, its answer was known and is "
    "forgotten, or it is new. Ask in this order, after you have acknowledged what is answered.",
    "A number below `session.first` without an answer comes too late: if it was done, its answer is forgotten, and if "
    "it was not, the client has given it up.",
]


class Careful(KVMachine):
    """A state machine that does each request once."""

    def once(self, command: Command) -> str: ...  # type: ignore[empty-body]


class Once(KVMachine):
    def once(self, command: Command) -> str:
        session = self.sessions.use(command.session, self.time)
        if session is None:
            return to_text(NoSession(command.session))
        session.acknowledge(command.first or command.number)
        if command.number in session.answers:
            return session.answers[command.number]
        if command.number < session.first:
            return to_text(Forgotten(command.number))
        session.answers[command.number] = self.carry_out(command)
        return session.answers[command.number]


class EachTime(KVMachine):
    def once(self, command: Command) -> str:
        return self.carry_out(command)


class LastNumber(KVMachine):
    def once(self, command: Command) -> str:
        session = self.sessions.use(command.session, self.time)
        if session is None:
            return to_text(NoSession(command.session))
        if command.number <= max(session.answers, default=0):
            return session.answers.get(command.number, to_text(Forgotten(command.number)))
        session.answers[command.number] = self.carry_out(command)
        session.acknowledge(command.first or command.number)
        return session.answers[command.number]


class ForgetsForGood(KVMachine):
    def once(self, command: Command) -> str:
        session = self.sessions.use(command.session, self.time)
        if session is None:
            return to_text(NoSession(command.session))
        session.acknowledge(command.first or command.number)
        if command.number not in session.answers:
            session.answers[command.number] = self.carry_out(command)
        return session.answers[command.number]


class KeepsAll(KVMachine):
    def once(self, command: Command) -> str:
        session = self.sessions.use(command.session, self.time)
        if session is None:
            return to_text(NoSession(command.session))
        if command.number not in session.answers:
            session.answers[command.number] = self.carry_out(command)
        return session.answers[command.number]


class BySession(KVMachine):
    def once(self, command: Command) -> str:
        session = self.sessions.use(command.session, self.time)
        if session is None:
            return self.carry_out(command)
        session.acknowledge(command.first or command.number)
        if command.number < session.first:
            return to_text(Forgotten(command.number))
        if command.number not in session.answers:
            session.answers[command.number] = self.carry_out(command)
        return session.answers[command.number]


stub = Careful
solution = Once
BUGS = {
    "each time": EachTime,
    "the last number alone": LastNumber,
    "forgets, and does it again": ForgetsForGood,
    "keeps all answers": KeepsAll,
    "without a session too": BySession,
}


class Shown(AssertionError):
    """A check that a run has refuted."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


class Desk:
    """A machine with one session, to which requests come."""

    def __init__(self, kind: type[KVMachine]) -> None:
        self.machine = kind(Limits())
        self.session = from_text(self.machine.apply(to_text(Command(Register()))), object).session

    def ask(self, number: int, first: int = 0, session: int = 0) -> Any:
        """A request that appends its number to a list, and answers with the list."""
        do = Txn(then=(Append("list", f"{number} "), Get("list")))
        text = self.machine.once(Command(do, session or self.session, number, first))
        assert isinstance(text, str), f"once returned `{text!r}`: it must be a text, the answer"
        return from_text(text, object)

    @property
    def done(self) -> str:
        """The numbers of the requests that were carried out."""
        record = self.machine.keyspace.records.get("list")
        return str(record.value).strip() if record else ""


def samples(attempt: type[KVMachine]) -> Iterator[Callable[[], None]]:
    def a_request_that_comes_again_is_answered_again_and_not_done_again() -> None:
        desk = Desk(attempt)
        first = desk.ask(1)
        again = desk.ask(1)
        assert desk.done == "1", f"request 1 came twice, and the list is `{desk.done}`"
        assert first == again, "request 1 came twice, and its answers differ"

    def requests_that_overtake_each_other_are_all_done() -> None:
        desk = Desk(attempt)
        for number in (3, 1, 2, 3, 1, 2):
            desk.ask(number, first=1)
        assert desk.done == "3 1 2", f"requests came as 3 1 2 3 1 2, with none answered, and the list is `{desk.done}`"

    def what_is_answered_is_forgotten() -> None:
        desk = Desk(attempt)
        for number in range(1, 6):
            desk.ask(number)
        kept = sorted(desk.machine.sessions.all[desk.session].answers)
        assert kept == [5], f"requests 1 to 4 are answered, and answers are kept to {kept}"

    def what_was_answered_and_comes_late_is_not_done() -> None:
        desk = Desk(attempt)
        desk.ask(1)
        desk.ask(3, first=3)
        for number in (1, 2):
            answer = desk.ask(number)
            assert answer == Forgotten(number), f"request {number} came after 3 had said that all before are answered"
        assert desk.done == "1 3", f"requests came as 1 3 1 2, the last two too late, and the list is `{desk.done}`"

    def nothing_is_done_in_a_session_that_does_not_exist() -> None:
        desk = Desk(attempt)
        answer = desk.ask(1, session=99)
        assert answer == NoSession(99) and desk.done == "", "there is no session 99, and a request of it was done"

    def clients_of_a_cluster_in_trouble_see_a_single_copy() -> None:
        class Server(KVServer):
            state_machine = attempt

        network = Link(LogNormal(0.003, 0.5), loss=0.1, duplicate=0.1)
        for seed in range(8):
            sim = kv_run(seed, 3, Server, network=network, trouble=TROUBLE, until=1.5)
            trace = sim.run(until=4.0)
            why = trace.violation.why if trace.violation else Linearizable(sim)
            if why:
                raise Shown(f"seed {seed}: {why}", trace)

    return iter(
        [
            a_request_that_comes_again_is_answered_again_and_not_done_again,
            requests_that_overtake_each_other_are_all_done,
            what_is_answered_is_forgotten,
            what_was_answered_and_comes_late_is_not_done,
            nothing_is_done_in_a_session_that_does_not_exist,
            clients_of_a_cluster_in_trouble_see_a_single_copy,
        ]
    )
