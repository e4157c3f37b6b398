"""The shortest runs that show what each first draft breaks: no chance in them, only faults and wishes at given times.

    for broken in BREAKS:
        print(broken.name, broken.verdict(broken.draft), broken.verdict(KVServer))
        broken.judged(broken.draft)      # whether what the clients have seen is linearizable, as a picture
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lessons.agreement.replicated_kv import drafts
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.hand import Hand, Lookout
from lessons.agreement.replicated_kv.invariants import Linearizable, judged
from lessons.agreement.replicated_kv.runs import staged
from lessons.agreement.replicated_kv.server import KVServer

if TYPE_CHECKING:
    from lessons.check import Judgement
    from lessons.sim import Simulation
    from lessons.trace import Trace

NEVER = 5.0  # an election timeout that does not come in time
N1_LEADS = {"n1": 0.150, "n2": NEVER, "n3": NEVER}


@dataclass(frozen=True)
class Break:
    """A first draft, and a run of ``end`` virtual seconds in which it breaks ``invariant`` and the store does not.

    ``visible`` says whether a client sees it in that run: then its history is not linearizable.
    """

    name: str
    draft: type[KVServer]
    invariant: str
    visible: bool
    build: Callable[[type[KVServer]], Simulation]
    end: float
    cite: str
    story: str

    def run(self, kind: type[KVServer]) -> Trace:
        """The run to its end, with servers of ``kind``: the draft, or the store."""
        sim = self.build(kind)
        sim.judge_by(())
        return sim.run(self.end)

    def judged(self, kind: type[KVServer]) -> Judgement:
        """Whether what the clients have seen in the run is linearizable."""
        return judged(self.run(kind))

    def verdict(self, kind: type[KVServer]) -> str | None:
        """The name of what servers of ``kind`` break in the run; None if they break nothing."""
        sim = self.build(audited(kind))
        violation = sim.run(self.end).violation
        if violation is not None:
            return violation.invariant
        return Linearizable.__name__ if Linearizable(sim) else None


def cluster(
    kind: type[KVServer], timeouts: Mapping[str, float], users: Mapping[str, str], patience: float = 0.1, **options: Any
) -> Simulation:
    """Servers with these election timeouts, and users, each with the server that it asks first."""
    sim = staged(kind, timeouts, **options)
    for user, first in users.items():
        sim.add(user, Hand, servers=tuple(timeouts), first=first, patience=patience)
    return sim


def lost_answer(kind: type[KVServer]) -> Simulation:
    """ann appends milk to her list; the answer is lost, and she asks again."""
    sim = cluster(kind, N1_LEADS, {"ann": "n1"})
    sim.at(0.200).ask("ann", "append", ["list", "milk "])
    sim.at(0.260).cut("n1", "ann")
    sim.at(0.300).heal()
    sim.at(0.450).ask("ann", "get", ["list"])
    return sim


def lost_swap(kind: type[KVServer]) -> Simulation:
    """ann takes a free name; the answer is lost, and she asks again."""
    sim = cluster(kind, N1_LEADS, {"ann": "n1"})
    sim.at(0.200).ask("ann", "cas", ["name", None, "ann"])
    sim.at(0.260).cut("n1", "ann")
    sim.at(0.300).heal()
    sim.at(0.450).ask("ann", "get", ["name"])
    return sim


def lost_session(kind: type[KVServer]) -> Simulation:
    """ann's answer is lost; n1 takes a snapshot, is restarted on it, and leads again when she asks again."""
    sim = cluster(kind, N1_LEADS, {"ann": "n1"}, compact_after=3)
    sim.at(0.200).ask("ann", "append", ["list", "milk "])
    sim.at(0.260).cut("n1", "ann")
    sim.at(0.285).restart("n1")
    sim.at(0.290).heal()
    sim.at(0.700).ask("ann", "get", ["list"])
    return sim


def early_answer(kind: type[KVServer]) -> Simulation:
    """n1 leads, and is cut off from the others when ann writes; then she reads."""
    sim = cluster(kind, {"n1": 0.150, "n2": NEVER, "n3": 0.200}, {"ann": "n1"})
    sim.at(0.195).ask("ann", "put", ["x", "1"])
    sim.at(0.245).bridge("ann", ["n1"], ["n2", "n3"])
    sim.at(0.450).heal()
    sim.at(0.600).ask("ann", "get", ["x"])
    return sim


def old_read(kind: type[KVServer]) -> Simulation:
    """n1 leads, and is cut off from the others; bob writes at n2, which they have elected; ann reads at n1."""
    sim = cluster(kind, {"n1": 0.150, "n2": 0.200, "n3": NEVER}, {"ann": "n1", "bob": "n2"})
    sim.at(0.195).bridge("ann", ["n1"], ["n2", "n3"])
    sim.at(0.430).ask("bob", "put", ["x", "1"])
    sim.at(0.540).ask("ann", "get", ["x"])
    sim.at(0.700).heal()
    return sim


def slow_clock(kind: type[KVServer]) -> Simulation:
    """The same, but that servers protect a leader that they have just heard; and n1's clock becomes slow."""
    timeouts = {"n1": 0.150, "n2": 0.200, "n3": 0.300}
    sim = cluster(kind, timeouts, {"ann": "n1", "bob": "n2"}, check_quorum=True, heartbeat=0.05)
    sim.at(0.395).bridge("ann", ["n1"], ["n2", "n3"])
    sim.at(0.395).drift_clock("n1", 0.2)
    sim.at(0.820).ask("bob", "put", ["x", "1"])
    sim.at(0.920).ask("ann", "get", ["x"])
    sim.at(1.000).heal()
    return sim


def fast_clock(kind: type[KVServer]) -> Simulation:
    """n1's clock runs at twice its pace; ann holds a key for half a second, and bob reads at n1 and then at n2."""
    sim = cluster(kind, N1_LEADS, {"ann": "n1", "bob": "n1"})
    sim.at(0.195).ask("ann", "hold", ["lock", "ann", 0.5])
    sim.at(0.195).drift_clock("n1", 2.0)
    sim.at(0.560).ask("bob", "get", ["lock", "linearizable", "n1"])
    sim.at(0.640).ask("bob", "get", ["lock", "linearizable", "n2"])
    return sim


def between_questions(kind: type[KVServer]) -> Simulation:
    """bob watches; what he is told of x = 1 is lost, and he asks again before x = 2."""
    sim = cluster(kind, N1_LEADS, {"ann": "n1"})
    sim.add("bob", Lookout, servers=tuple(N1_LEADS), first="n2", patience=0.1)
    sim.at(0.195).ask("ann", "put", ["x", "1"])
    sim.at(0.200).ask("bob", "watch", ["", 1, "n2", 0.2])
    sim.at(0.260).cut("n2", "bob")
    sim.at(0.390).heal()
    sim.at(0.560).ask("ann", "put", ["x", "2"])
    return sim


def one_wish(kind: type[KVServer]) -> Simulation:
    """n1 leads, and ann appends milk to her list: for an explorer from 0.26 s on, which needs no fault."""
    sim = cluster(kind, N1_LEADS, {"ann": "n1"})
    sim.at(0.200).ask("ann", "append", ["list", "milk "])
    return sim


BREAKS = (
    Break(
        "request without a session", drafts.ExecutesEveryCopy, "ExactlyOnce", True, lost_answer, 0.52,
        "thesis, section 6.3",
        "The answer to ann is lost, she asks again, and the log has her request twice. "
        "Raft executes each entry once, and so there is milk on her list twice.",
    ),
    Break(
        "session without answers", drafts.RemembersNumbers, "Linearizable", True, lost_swap, 0.52,
        "thesis, section 6.3; Lee and others 2015",
        "ann takes a name that is free, and the answer is lost. She asks again, and is told what is true now: "
        "the name is taken. By her, which she can't know.",
    ),
    Break(
        "snapshot without sessions", drafts.SnapshotsKeysAlone, "ExactlyOnce", True, lost_session, 0.78,
        "thesis, section 6.3",
        "n1 carries ann's request out, takes a snapshot, is restarted on it, and leads again. "
        "It has the milk, and no memory of who asked for it; she asks again, and gets more.",
    ),
    Break(
        "answer before the entry is committed", drafts.AnswersEarly, "Linearizable", True, early_answer, 0.8,
        "Raft, section 5.3",
        "n1 is cut off, puts x into its log, and tells ann that it is done. "
        "The others elect n3 and agree on another entry in its place; ann reads, and there is no x.",
    ),
    Break(
        "read from a deposed leader", drafts.ReadsAtOnce, "Linearizable", True, old_read, 0.75,
        "Raft, section 8; thesis, section 6.4",
        "n1 is cut off, and does not know that the others have elected n2, which tells bob that his x is done. "
        "Then ann reads at n1, and there is no x.",
    ),
    Break(
        "lease without a bound for clocks", drafts.TrustsItsClock, "Linearizable", True, slow_clock, 1.15,
        "thesis, section 6.4.1",
        "n1's lease is over when its clock says so, and its clock is slow. "
        "Meanwhile the others have elected n2, which tells bob that his x is done; ann reads at n1, and there is no x.",
    ),
    Break(
        "keys that expire by each server's clock", drafts.ExpiresByOwnClock, "SameState", True, fast_clock, 0.72,
        "thesis, section 6.3",
        "n1's clock is fast: ann's lock is gone there while n2 still has it. "
        "bob finds it free, and then taken, though nobody took it.",
    ),
    Break(
        "watch without a history", drafts.TellsOnlyNews, "StreamsArePrefixes", False, between_questions, 0.75,
        "etcd, watch API",
        "bob is told of x = 1, and the message is lost. He asks again, and is told of what happens from now on: x = 2.",
    ),
)  # fmt: skip


def broken_by(draft: type[KVServer]) -> Break:
    """The run that breaks a draft. Raises LookupError for a server that none breaks."""
    for found in BREAKS:
        if found.draft is draft:
            return found
    raise LookupError(f"draft is {draft.__name__}: runs break {', '.join(found.draft.__name__ for found in BREAKS)}")
