"""The state machine: commands of the log in, answers out; the same on every server, whatever its clock says."""

from __future__ import annotations

import json
from typing import Any

from lessons.agreement.replicated_kv.answers import (
    Answer,
    Changed,
    Closed,
    Decided,
    Denied,
    Forgotten,
    Found,
    Granted,
    Leased,
    NoLease,
    NoSession,
    Opened,
    Ticked,
)
from lessons.agreement.replicated_kv.commands import (
    QUESTIONS,
    Append,
    Close,
    Command,
    Compare,
    Delete,
    Get,
    Grant,
    KeepAlive,
    Operation,
    Put,
    Question,
    Refresh,
    Register,
    Revoke,
    Step,
    Txn,
)
from lessons.agreement.replicated_kv.keyspace import Denial, Keyspace
from lessons.agreement.replicated_kv.leases import Leases
from lessons.agreement.replicated_kv.rules import MOST_ANSWER, BadCommand, Limits
from lessons.agreement.replicated_kv.sessions import Session, Sessions
from lessons.agreement.replicated_kv.text import fitting, from_text, made_of, plain, to_text


class KVMachine:
    """A key-value store as a replicated state machine (see ``lessons.agreement.raft.Machine``).

    ``time`` is the cluster's, in seconds: the latest that a command has told. ``executed`` counts commands.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.time, self.executed = 0.0, 0
        self.keyspace = Keyspace(self.limits)
        self.leases = Leases()
        self.sessions = Sessions(self.limits)

    # Commands

    def apply(self, command: str) -> str:
        """Execute a command; one that makes no sense does nothing, and is answered with why."""
        self.executed += 1
        try:
            asked: Command = from_text(command, Command)
        except BadCommand as bad:
            return to_text(Denied(str(bad)))
        self.pass_time(asked.time)
        return self.once(asked) if asked.session else self.carry_out(asked)

    def pass_time(self, time: float) -> None:
        """It is at least ``time`` now: end the leases and sessions that this is too late for."""
        self.time = max(self.time, time)
        while (lease := self.leases.take_due(self.time)) is not None:
            self.expire(lease)
        self.sessions.end_idle(self.time)

    def expire(self, lease: int) -> None:
        """A lease is over: remove its keys, as one revision."""
        self.keyspace.delete(sorted(self.keyspace.attached.get(lease, ())))
        self.keyspace.seal()

    def once(self, command: Command) -> str:
        """Carry a request out, or give its answer again if that was done before."""
        session = self.sessions.use(command.session, self.time)
        if session is None:
            return to_text(NoSession(command.session))
        session.acknowledge(command.first or command.number)
        if command.number in session.answers:
            return session.answers[command.number]
        if not command.number:
            return self.carry_out(command)
        return self.first_time(command, session)

    def first_time(self, command: Command, session: Session) -> str:
        """Carry a numbered request out and keep the answer, unless it is too late for that or there are too many."""
        if command.number < session.first:
            return to_text(Forgotten(command.number))
        if len(session.answers) >= self.limits.answers:
            self.sessions.close(command.session)  # else a copy of this might be done later, after we refused it
            return to_text(NoSession(command.session))
        answer = session.answers[command.number] = self.carry_out(command)
        return answer

    def carry_out(self, command: Command) -> str:
        """Do what a command says, all of it or nothing; returns the answer."""
        try:
            answer = self.perform(command.do, command.session)
            self.keyspace.seal()
        except Denial as denial:
            self.keyspace.undo()
            answer = denial.answer
        return to_text(answer)

    def perform(self, do: Operation, session: int) -> Answer:
        """Do one operation; raises Denial when it can't be done."""
        match do:
            case Txn():
                return self.transact(do)
            case Grant() | KeepAlive() | Revoke():
                return self.lease(do)
            case Register():
                self.sessions.open(self.executed, self.time)
                return Opened(self.executed, self.limits.idle, self.limits.answers)
            case Refresh():
                return Opened(session, self.limits.idle, self.limits.answers)
            case Close():
                self.sessions.close(session)
                return Closed(session)
            case Put() | Append() | Delete() | Get():
                return self.step(do)
        return Ticked(self.time)

    def step(self, step: Step) -> Changed | Found:
        """One write or read."""
        keys = self.keyspace
        match step:
            case Get(key, end, limit):
                return keys.find(key, end, limit)
            case Delete(key, end):
                count = keys.delete(keys.keys(key, end))
                return Changed(keys.now, count)
            case Put(key, value, lease):
                if lease and lease not in self.leases.all:
                    raise Denial(NoLease(lease))
                keys.put(key, value, lease)
            case Append(key, value):
                keys.append(key, value)
        return Changed(keys.now, 1)

    def transact(self, txn: Txn) -> Decided:
        """Decide, and do all steps of one branch; raises Denial when one answer can't hold all that they read."""
        succeeded = all(map(self.holds, txn.compares))
        answers = tuple(map(self.step, txn.then if succeeded else txn.otherwise))
        records = [record for answer in answers if isinstance(answer, Found) for record in answer.records]
        if fitting(records) < len(records):
            raise Denial(Denied(f"steps read more than the {MOST_ANSWER:,} characters of an answer: read less at once"))
        return Decided(self.keyspace.now, succeeded, answers)

    def holds(self, compare: Compare) -> bool:
        """Whether a condition holds now."""
        record = self.keyspace.records.get(compare.key)
        absent = None if compare.part == "value" else 0
        is_now: Any = getattr(record, compare.part) if record else absent
        match compare.sign:
            case "=":
                return bool(is_now == compare.to)
            case "!=":
                return bool(is_now != compare.to)
            case "<":
                return bool(is_now < compare.to)
        return bool(is_now > compare.to)

    def lease(self, do: Grant | KeepAlive | Revoke) -> Granted | Changed:
        """Grant a lease, let it live on, or end it together with its keys."""
        if isinstance(do, Grant):
            if len(self.leases.all) >= self.limits.leases:
                raise Denial(Denied(f"there are {self.limits.leases:,} leases: no more are granted"))
            self.leases.set(self.executed, do.ttl, self.time + do.ttl)
            return Granted(self.executed, do.ttl)
        if do.lease not in self.leases.all:
            raise Denial(NoLease(do.lease))
        if isinstance(do, Revoke):
            self.leases.end(do.lease)
            count = self.keyspace.delete(sorted(self.keyspace.attached.get(do.lease, ())))
            return Changed(self.keyspace.now, count)
        ttl = self.leases.all[do.lease].ttl
        self.leases.set(do.lease, ttl, self.time + ttl)
        return Granted(do.lease, ttl)

    def next_deadline(self) -> float:
        """When the next lease or session is over, in the cluster's time; infinite if there is none."""
        return min(self.leases.next_deadline(), self.sessions.next_deadline())

    # Questions

    def answer(self, question: str) -> str:
        """Answer a question about the state, without changing it."""
        try:
            asked: Question = from_text(question, *QUESTIONS)
        except BadCommand as bad:
            return to_text(Denied(str(bad)))
        return to_text(self.find(asked) if isinstance(asked, Get) else self.lease_status(asked.lease))

    def find(self, get: Get) -> Found:
        """The records of a range."""
        return self.keyspace.find(get.key, get.end, get.limit)

    def lease_status(self, number: int) -> Leased | NoLease:
        """What is left of a lease, with its keys: as many as one answer can hold."""
        lease = self.leases.all.get(number)
        if lease is None:
            return NoLease(number)
        keys = sorted(self.keyspace.attached.get(number, ()))
        told = tuple(keys[: fitting(keys)])
        return Leased(number, lease.ttl, round(lease.deadline - self.time, 6), told, len(told) < len(keys))

    # Snapshots

    def snapshot(self) -> bytes:
        """The whole state: sessions, leases and events as well as keys, or it would not be the same afterwards."""
        state = {
            "time": self.time,
            "executed": self.executed,
            "keyspace": {name: plain(value) for name, value in self.keyspace.saved().items()},
            "leases": self.leases.saved(),
            "sessions": self.sessions.saved(),
        }
        return json.dumps(state, separators=(",", ":")).encode()

    def restore(self, data: bytes) -> None:
        """Become what ``snapshot`` has saved."""
        self.__init__(self.limits)  # type: ignore[misc]
        state = json.loads(data)
        self.time, self.executed = state["time"], state["executed"]
        self.keyspace.load(**{name: made_of(value) for name, value in state["keyspace"].items()})
        for lease in state["leases"]:
            self.leases.set(*lease)
        self.sessions.load(state["sessions"])
