"""What a server did in one activation, in the words of the specification: the actions of ``spec/Raft.tla``.

A handler does several of them at once, and says by its messages and by its watched fields which. Where a crash cut it
off it showed nothing, and only its disk may have more than before; so we let it do all that it might have written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lessons.agreement.raft.formal.activations import Activation, State, activations
from lessons.agreement.raft.formal.words import Spoken, entry, said, seen
from lessons.agreement.raft.messages import (
    Appended,
    AppendEntries,
    Done,
    Installed,
    InstallSnapshot,
    RequestVote,
    TimeoutNow,
    Vote,
)
from lessons.agreement.raft.server import Role
from lessons.trace import Delivered, Fired, Started, Trace

Act = tuple[str, Any]  # an action of the specification, and its argument
REQUESTS = (RequestVote, AppendEntries, InstallSnapshot)
REPLIES = (Vote, Appended, Installed)
NOTHING = 0  # stands for the argument of an action that has none


@dataclass(frozen=True)
class Step:
    """One step: who, which action, its argument; ``event`` is the index of the event that was its cause.

    A list stands for a set, a tuple for a sequence, a dictionary for a record. ``seen`` is what the server then
    showed of itself, None where it showed nothing.
    """

    server: str
    action: str
    argument: Any
    event: int
    seen: dict[str, Any] | None


def steps(trace: Trace) -> list[Step]:
    """The steps of a run of Raft servers whose members don't change; raises ValueError if they do."""
    servers = frozenset(name for name, fields in trace.watched.items() if "entries" in fields)
    return [step for each in activations(trace, servers) for step in _steps(each, servers)]


def _steps(done: Activation, servers: frozenset[str]) -> Iterator[Step]:
    acts = list(_acts(done, servers))
    shows = bool(done.end) and not done.cut
    if not acts and shows and done.end != done.before:
        acts = [("look", NOTHING)]
    for place, (action, argument) in enumerate(acts, start=1):
        shown = seen(done.end) if shows and place == len(acts) else None
        yield Step(done.server, action, argument, done.cause.index, shown)


def _acts(done: Activation, servers: frozenset[str]) -> Iterator[Act]:
    """The actions of one activation, in an order in which the specification allows them."""
    if isinstance(done.cause, Started):
        yield ("restart" if done.before else "look"), NOTHING
        return
    heard = list(_heard(done, servers))
    adopted = any(action == "adopt" for action, _ in heard)
    leads = (done.before["role"] is Role.LEADER and not adopted) or done.end["role"] is Role.LEADER
    yield from heard
    yield from _stood(done)
    yield from _proposed(done) if leads else ()
    yield from _synced(done, servers, adopted)
    yield from _committed(done) if leads else ()
    yield from _sent(done)
    yield from _compacted(done)
    yield from _sent_snapshots(done)
    if _gave_up(done, adopted):
        yield "step down", NOTHING


# What a server heard


def _heard(done: Activation, servers: frozenset[str]) -> Iterator[Act]:
    """What a message from another server did."""
    if not isinstance(done.cause, Delivered) or done.cause.sender not in servers:
        return
    message, before = done.cause.message, done.before
    words = said(message, done.cause.sender, done.server)
    if _is_begun(message) and message.term > before["term"] and (done.cut or done.end["term"] >= message.term):
        yield "adopt", words
    answered = any(isinstance(each.message, REPLIES) for each in done.sent)
    if (isinstance(message, REQUESTS) and (answered or done.cut)) or _counts(message, before):
        yield "receive", words


def _is_begun(message: Spoken) -> bool:
    """Whether the term of a message is one that somebody has begun; a pre-vote's only might be."""
    return not getattr(message, "pre", False) or (isinstance(message, Vote) and not message.granted)


def _counts(message: Spoken, before: State) -> bool:
    """Whether a reply is a vote for us, or tells us as a leader how far somebody's log is ours."""
    role, term = before["role"], before["term"]
    if isinstance(message, Vote):
        wanted = (Role.PRECANDIDATE, term + 1) if message.pre else (Role.CANDIDATE, term)
        return message.granted and (role, message.term) == wanted
    good = message.success if isinstance(message, Appended) else isinstance(message, Installed) and message.done
    return good and (role, message.term) == (Role.LEADER, term)


def _is_late(done: Activation) -> bool:
    """Whether the cause is a request of a term that is over: it is refused at once, and nothing is written."""
    message = done.cause.message if isinstance(done.cause, Delivered) else None
    return isinstance(message, AppendEntries | InstallSnapshot) and message.term < done.before["term"]


# What it did


def _stood(done: Activation) -> Iterator[Act]:
    asked = [each.message.pre for each in done.sent if isinstance(each.message, RequestVote)]
    if True in asked:
        yield "ask", NOTHING
    new_term = done.end["term"] > done.before["term"] and done.end["vote"] == done.server
    if False in asked or (done.cut and new_term):
        yield "campaign", NOTHING
    if done.end["role"] is Role.LEADER is not done.before["role"] and not done.cut:
        yield "lead", NOTHING


def _proposed(done: Activation) -> Iterator[Act]:
    """What a leader added to its log: what it then had, or sent before a crash."""
    led = done.before["role"] is Role.LEADER
    last = _last(done.before) + (0 if led else 1)  # the first entry of its term is its own
    grown = dict(enumerate(done.end["entries"], start=done.end["base"] + 1))
    for message in (each.message for each in done.sent if isinstance(each.message, AppendEntries)):
        grown |= enumerate(message.entries, start=message.prev_index + 1)
    for index in sorted(index for index in grown if index > last):
        yield "propose", entry(grown[index])["value"]


def _last(state: State) -> int:
    return int(state["base"]) + len(state["entries"])


def _synced(done: Activation, servers: frozenset[str], adopted: bool) -> Iterator[Act]:
    """Its disk was synced: that shows in what it told, or in what comes only after."""
    promises = (each for each in done.sent if each.to in servers and _is_promise(each.message))
    told = [said(each.message, each.node, each.to) for each in promises]
    if _is_late(done):
        yield from (("tell", each) for each in told)
        return
    flushed = isinstance(done.cause, Fired) and done.cause.name == "flush" and done.before["role"] is Role.LEADER
    went_on = _reached(done) > done.before["commit"] or done.end["base"] > done.before["base"]
    if told or ((adopted or flushed) and not done.cut) or (went_on and (flushed or done.cut)):
        yield "sync", told


def _is_promise(message: Any) -> bool:
    """Whether a message must not be sent before the disk is synced."""
    return isinstance(message, REPLIES) or (isinstance(message, RequestVote) and not message.pre)


def _committed(done: Activation) -> Iterator[Act]:
    reached = _reached(done)
    if reached > done.before["commit"]:
        yield "advance", reached


def _reached(done: Activation) -> int:
    """How far it had committed; after a crash, as far as that shows."""
    if not done.cut:
        return int(done.end["commit"])
    confirmed = (each.message.index for each in done.sent if isinstance(each.message, Done))
    return max([done.end["base"], *confirmed]) if done.before["role"] is Role.LEADER else 0


def _sent(done: Activation) -> Iterator[Act]:
    for each in done.sent:
        if isinstance(each.message, AppendEntries):
            yield "append", said(each.message, each.node, each.to)
        elif isinstance(each.message, TimeoutNow):
            yield "hand over", said(each.message, each.node, each.to)
        elif isinstance(each.message, Done):
            yield "confirm", each.message.index


def _compacted(done: Activation) -> Iterator[Act]:
    base, message = done.end["base"], getattr(done.cause, "message", None)
    installed = isinstance(message, InstallSnapshot) and message.last_index == base
    if base > done.before["base"] and not installed:
        yield "compact", base
        if not done.cut:
            yield "sync", []


def _sent_snapshots(done: Activation) -> Iterator[Act]:
    for each in done.sent:
        if isinstance(each.message, InstallSnapshot):
            yield "snapshot", said(each.message, each.node, each.to)


def _gave_up(done: Activation, adopted: bool) -> bool:
    """Whether it became a follower though neither a newer term nor a leader made it one."""
    fell = done.end["role"] is Role.FOLLOWER is not done.before["role"] and not done.cut
    message = getattr(done.cause, "message", None)
    answered = any(isinstance(each.message, REPLIES) for each in done.sent)
    return fell and not adopted and not (isinstance(message, AppendEntries | InstallSnapshot) and answered)
