"""Documents for the tests of the player, written down by hand: the player must draw them without knowing who made them.

``python -m tests.viz.browser.documents FOLDER`` writes a page with all of them, to be looked at.
"""

from __future__ import annotations

import base64
import html
import json
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parents[3] / "src/lessons/viz/static"
Document = dict[str, Any]


@dataclass
class Run:
    """Writes the events of one run, with their transcript lines, in milliseconds."""

    label: str
    seed: int
    nodes: dict[str, str]
    clients: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    invariants: list[Document] = field(default_factory=list)
    marks: list[Document] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    events: list[list[Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    log: list[list[Any]] = field(default_factory=list)
    now: int = 0

    def number(self, node: str) -> int:
        return list(self.nodes).index(node)

    def add(self, at: int, kind: str, who: str, says: str, *rest: Any) -> int:
        """Append an event at ``at`` milliseconds; return its index."""
        assert at >= self.now, f"{says!r} at {at} comes after {self.now}"
        self.events.append([kind, (at - self.now) * 1000, *rest])
        self.lines.append(f"{at / 1000:9.3f}  {who}  {says}")
        self.now = at
        return len(self.events) - 1

    def start(self, at: int, *nodes: str) -> None:
        for node in nodes:
            self.add(at, "b", node, "starts", self.number(node))

    def send(self, at: int, sender: str, to: str, name: str, travel: int | None = None, **body: Any) -> int:
        if name not in self.types:
            self.types.append(name)
        fields = ", ".join(f"{key}={value}" for key, value in body.items())
        says = f"sends {name}({fields}) to {to}"
        ends = (self.number(sender), self.number(to), self.types.index(name))
        return self.add(at, "s", sender, says, *ends, body, travel and travel * 1000)

    def name_of(self, send: int) -> tuple[str, str, str]:
        _, _, sender, to, kind, *_ = self.events[send]
        names = list(self.nodes)
        return names[sender], names[to], self.types[kind]

    def deliver(self, at: int, send: int) -> int:
        sender, to, name = self.name_of(send)
        return self.add(at, "d", to, f"receives {name} from {sender}", send)

    def drop(self, at: int, send: int, why: str) -> int:
        sender, to, name = self.name_of(send)
        return self.add(at, "x", to, f"never gets {name} from {sender}: {why}", send, why)

    def change(self, at: int, node: str, **values: Any) -> int:
        says = ", ".join(f"{key} is now {value}" for key, value in values.items())
        fields = {str(self.fields.index(key)): value for key, value in values.items()}
        return self.add(at, "w", node, says, self.number(node), fields)

    def entry(self, term: int, label: str) -> int:
        """The number of an entry in the run's table of entries."""
        row = [str(term), (2, 4, 3)[term - 1], label, f"{term}:{label}"]
        if row not in self.log:
            self.log.append(row)
        return self.log.index(row)

    def timer(self, at: int, node: str, name: str) -> int:
        return self.add(at, "t", node, f"timer {name} fires", self.number(node), name)

    def note(self, at: int, node: str, text: str, **facts: Any) -> int:
        return self.add(at, "n", node, text, self.number(node), text, facts)

    def invoke(self, at: int, node: str, op: int, text: str) -> int:
        return self.add(at, "i", node, f"asks for {text}", self.number(node), op, text)

    def answer(self, at: int, node: str, op: int, text: str, outcome: str = "ok") -> int:
        return self.add(at, "r", node, f"has {text}: {outcome}", self.number(node), op, text, outcome)

    def fault(self, at: int, name: str, says: str, effect: Document, **args: Any) -> int:
        return self.add(at, "f", "world", says, name, args, effect)

    def pairs(self, left: list[str], right: list[str]) -> list[list[int]]:
        ends = [(self.number(a), self.number(b)) for a in left for b in right]
        return [list(pair) for a, b in ends for pair in ((a, b), (b, a))]

    def mark(self, event: int, text: str) -> None:
        self.marks.append({"event": event, "text": text})

    def violate(self, at: int, rule: int, why: str) -> None:
        name = self.invariants[rule]["name"]
        event = self.add(at, "v", "world", f"{name} is broken: {why}", rule, why)
        self.invariants[rule] |= {"broken": event, "why": why}

    def done(self) -> Document:
        return {
            "label": self.label,
            "seed": self.seed,
            "nodes": list(self.nodes),
            "kinds": list(self.nodes.values()),
            "clients": [self.number(node) for node in self.clients],
            "fields": list(self.fields),
            "types": self.types,
            "scale": 1_000_000,
            "events": self.events,
            "lines": self.lines,
            "marks": self.marks,
            "invariants": self.invariants,
            "end": self.now * 1000,
            **({"log": self.log} if self.log else {}),
        }


def rule(name: str, says: str, cite: str = "") -> Document:
    return {"name": name, "says": says, "cite": cite, "broken": None, "why": None}


def document(name: str, title: str, caption: str, *runs: Run, **rest: Any) -> Document:
    return {
        "format": "lessons-player/1",
        "id": name,
        "title": title,
        "caption": caption,
        "layout": ["cluster", "lanes", "table", "events"],
        "runs": [run.done() for run in runs],
        **rest,
    }


def counter_run(label: str, repaired: bool) -> Run:
    """Two clerks add 1 each; the first draft reads and writes back, the repair sends Add."""
    rules = [
        rule("NoLostUpdate", "The total is the sum of the acknowledged additions.", "Bernstein 87"),
        rule("NonNegative", "The total is never below 0."),
    ]
    nodes = {"ann": "Clerk", "bob": "Clerk", "counter": "Counter"}
    run = Run(label, 31, nodes, ("ann", "bob"), ("total", "seen"), rules)
    run.start(0, "ann", "bob", "counter")
    run.change(0, "counter", total=0)
    run.invoke(100, "ann", 0, "add 1")
    run.invoke(104, "bob", 1, "add 1")
    (add_atomically if repaired else add_by_reading)(run)
    return run


def add_by_reading(run: Run) -> None:
    a = run.send(110, "ann", "counter", "Read", 12)
    b = run.send(112, "bob", "counter", "Read", 15)
    run.deliver(122, a)
    ra = run.send(122, "counter", "ann", "Total", 14, total=0)
    run.deliver(127, b)
    rb = run.send(127, "counter", "bob", "Total", 11, total=0)
    run.deliver(136, ra)
    run.change(136, "ann", seen=0)
    wa = run.send(136, "ann", "counter", "Write", 12, total=1)
    run.deliver(138, rb)
    both = run.change(138, "bob", seen=0)
    run.mark(both, "Both clerks have read 0. Whoever writes last wipes out the other's addition.")
    wb = run.send(138, "bob", "counter", "Write", 22, total=1)
    run.deliver(148, wa)
    run.change(148, "counter", total=1)
    ok = run.send(148, "counter", "ann", "Done", 9)
    run.deliver(157, ok)
    run.answer(157, "ann", 0, "add 1")
    run.deliver(160, wb)
    run.change(160, "counter", total=1)
    ok = run.send(160, "counter", "bob", "Done", 9)
    run.deliver(169, ok)
    run.answer(169, "bob", 1, "add 1")
    run.violate(169, 0, "2 additions were acknowledged, the total is 1")


def add_atomically(run: Run) -> None:
    a = run.send(110, "ann", "counter", "Add", 12, amount=1)
    b = run.send(112, "bob", "counter", "Add", 15, amount=1)
    run.deliver(122, a)
    run.change(122, "counter", total=1)
    ra = run.send(122, "counter", "ann", "Done", 14)
    run.deliver(127, b)
    both = run.change(127, "counter", total=2)
    run.mark(both, "The counter adds; no clerk holds a stale total.")
    rb = run.send(127, "counter", "bob", "Done", 11)
    run.deliver(136, ra)
    run.answer(136, "ann", 0, "add 1")
    run.deliver(138, rb)
    run.answer(138, "bob", 1, "add 1")


def lost_update() -> Document:
    """One run, a question, a broken invariant."""
    run = counter_run("first draft, seed 31", repaired=False)
    question = {
        "run": 0,
        "event": 15,
        "question": "Ann writes 1. Bob has read 0 as well. What will the counter hold at the end?",
        "options": ["0", "1", "2"],
        "answer": 1,
        "why": "Bob adds 1 to the 0 that he read, and writes 1 over Ann's 1.",
    }
    return document(
        "lost-update",
        "Two clerks, one counter",
        "Both clerks read 0, both write 1: one addition is lost.",
        run,
        predict=[question],
    )


def pair() -> Document:
    """The first draft beside its repair."""
    left = counter_run("first draft, seed 31", repaired=False)
    right = counter_run("repaired, seed 31", repaired=True)
    caption = "Left: read, then write. Right: the counter adds by itself."
    return document("draft-and-repair", "A lost update, and its repair", caption, left, right, pair=[0, 1], diff=[6, 6])


def election_run(label: str, seed: int, rivals: bool) -> Run:
    """Five nodes elect a leader, with a crash, a cut, a pause, a copy and drops."""
    rules = [
        rule("ElectionSafety", "At most one leader in a term.", "Ongaro 14, figure 3"),
        rule("LeaderAppendOnly", "A leader never overwrites its log.", "Ongaro 14, figure 3"),
        rule("TermsGrow", "A node's term never goes back."),
    ]
    names = ["n1", "n2", "n3", "n4", "n5"]
    nodes = {**dict.fromkeys(names, "Raft"), "client": "Client"}
    run = Run(label, seed, nodes, ("client",), ("role", "term", "log"), rules)
    run.start(0, *nodes)
    for name in names:
        run.change(0, name, role="follower", term=0, log=[])
    run.timer(150, "n2", "election")
    run.change(150, "n2", role="candidate", term=1)
    campaign(run, names, rivals)
    return run


def campaign(run: Run, names: list[str], rivals: bool) -> None:
    votes = [run.send(150, "n2", name, "RequestVote", 12, term=1) for name in names if name != "n2"]
    for at, send in zip((160, 162, 165), votes, strict=False):
        voter = run.name_of(send)[1]
        run.deliver(at, send)
        run.change(at, voter, term=1)
        run.send(at, voter, "n2", "Vote", 11, term=1, granted=True)
    run.drop(166, votes[3], "loss")
    granted = [i for i, e in enumerate(run.events) if e[0] == "s" and run.types[e[4]] == "Vote"]
    run.deliver(171, granted[0])
    run.deliver(173, granted[1])
    won = run.change(173, "n2", role="leader")
    run.mark(won, "Three of five votes, its own included: n2 leads term 1.")
    run.note(173, "n2", "wins the election", term=1, votes=3)
    run.deliver(176, granted[2])
    replicate(run, names)
    lose_leader(run, names, rivals)


def replicate(run: Run, names: list[str]) -> None:
    run.invoke(180, "client", 0, "put x=1")
    ask = run.send(180, "client", "n2", "Put", 8, key="x", value=1)
    run.deliver(188, ask)
    run.change(188, "n2", log=["x=1"])
    appends = [run.send(188, "n2", name, "Append", 10, term=1, entries=["x=1"]) for name in names if name != "n2"]
    run.deliver(197, appends[0])
    run.change(197, "n1", log=["x=1"])
    run.deliver(198, appends[1])
    run.change(198, "n3", log=["x=1"])
    first = run.send(198, "n3", "n2", "Appended", 9, index=1)
    run.deliver(204, appends[0])
    run.note(204, "n1", "has this entry already", index=1)
    run.fault(205, "pause", "n4 is paused", {"pause": [3]}, node="n4")
    run.deliver(207, first)
    run.drop(209, appends[3], "loss")
    done = run.send(210, "n2", "client", "Done", 8)
    run.deliver(218, done)
    run.answer(218, "client", 0, "put x=1")


def lose_leader(run: Run, names: list[str], rivals: bool) -> None:
    cuts = run.pairs(["n1", "n2"], ["n3", "n4", "n5"])
    cut = run.fault(240, "partition", "n1 n2 | n3 n4 n5 are parted", {"cut": cuts}, groups=[["n1", "n2"], names[2:]])
    run.mark(cut, "The leader is on the smaller side. It does not know yet.")
    beat = run.send(250, "n2", "n3", "Append", None, term=1, entries=[])
    run.drop(250, beat, "partition")
    run.fault(260, "resume", "n4 goes on", {"resume": [3]}, node="n4")
    if not rivals:
        run.fault(300, "crash", "n2 crashes", {"down": [1]}, node="n2")
    run.timer(410, "n3", "election")
    term = 1 if rivals else 2
    run.change(410, "n3", role="candidate", term=term)
    votes = [run.send(410, "n3", to, "RequestVote", 12, term=term) for to in ("n4", "n5")]
    for at, send in zip((421, 423), votes, strict=True):
        voter = run.name_of(send)[1]
        run.deliver(at, send)
        run.change(at, voter, term=term)
        run.send(at, voter, "n3", "Vote", 11, term=term, granted=True)
    run.deliver(433, len(run.events) - 4)
    run.deliver(434, len(run.events) - 2)
    run.change(434, "n3", role="leader")
    if rivals:
        run.violate(434, 0, "n2 and n3 both lead term 1")
        return
    run.note(434, "n3", "wins the election", term=2, votes=3)
    late = run.send(440, "n3", "n2", "Append", None, term=2, entries=[])
    run.drop(440, late, "partition")
    run.fault(500, "heal", "all links are whole again", {"heal": cuts})
    again = run.send(510, "n3", "n2", "Append", 9, term=2, entries=[])
    run.drop(519, again, "down")
    run.fault(560, "restart", "n2 restarts", {"up": [1]}, node="n2")
    run.start(560, "n2")
    run.change(560, "n2", role="follower", term=1)
    last = run.send(570, "n3", "n2", "Append", 9, term=2, entries=[])
    run.deliver(579, last)
    run.change(579, "n2", term=2)
    run.send(579, "n2", "n3", "Appended", 30, index=1)


def election() -> Document:
    """Two runs of the election: all well, and one that breaks ElectionSafety."""
    good = election_run("seed 7: a new term", 7, rivals=False)
    bad = election_run("seed 12: no new term", 12, rivals=True)
    won = next(i for i, e in enumerate(good.events) if e[0] == "w" and e[3].get("0") == "leader")
    question = {
        "run": 0,
        "event": won,
        "question": "n2 has two votes and its own. What happens now?",
        "options": ["It waits for all five", "It becomes leader", "It starts a new term"],
        "answer": 1,
        "why": "Three of five are a majority, and no second majority can exist beside it.",
    }
    return document(
        "election",
        "A leader is elected, lost, and replaced",
        "n2 wins term 1, is cut off and crashes; n3 wins term 2.",
        good,
        bad,
        look={"badge": "role", "tones": {"follower": 7, "candidate": 4, "leader": 0}},
        predict=[question],
    )


REPLICAS = ("n1", "n2", "n3", "n4", "n5")


def replicas_run() -> Run:
    """n1 leads term 3; n2 lags behind, n3 has entries of a lost leader, n4 a snapshot; n5 crashes."""
    fields = ("role", "term", "vote", "log", "base", "commit", "next", "match", "timer")
    run = Run("five replicas", 9, dict.fromkeys(REPLICAS, "Replica"), (), fields)
    run.start(0, *REPLICAS)
    old = [run.entry(1, "start"), run.entry(1, "x=1"), run.entry(1, "y=2"), run.entry(2, "start"), run.entry(2, "x=3")]
    new = [run.entry(3, "start"), run.entry(3, "z=4"), run.entry(3, "y=5")]
    lost = [run.entry(2, "y=7"), run.entry(2, "z=8"), run.entry(2, "x=9")]
    logs = {"n1": old, "n2": old[:4], "n3": [*old, *lost], "n4": old[3:], "n5": old}
    for name, log in logs.items():
        run.change(0, name, role="follower", term=2, vote="n3", log=log, base=3 if name == "n4" else 0, commit=4)
    for at, name in enumerate(REPLICAS):
        run.change(1, name, timer=[0.001, 0.1 + 0.05 * at])
    elect(run)
    run.change(120, "n1", log=[*old, new[0]])
    run.change(130, "n1", log=[*old, *new])
    run.change(131, "n1", next={"n2": 8, "n3": 8, "n4": 8, "n5": 8}, match={"n2": 0, "n3": 0, "n4": 7, "n5": 6})
    run.change(133, "n4", log=[*old[3:], *new[:2]], commit=6)
    run.fault(140, "crash", "n5 crashes", {"down": [4]}, node="n5")
    run.change(150, "n2", log=[*old, new[0]], commit=5, timer=[0.15, 0.25])
    caught = run.change(160, "n3", log=[*old, *new], timer=[0.16, 0.4])
    run.mark(caught, "n3 throws away what the lost leader had given it, and takes what n1 has.")
    run.change(170, "n1", commit=7, match={"n2": 6, "n3": 8, "n4": 7, "n5": 6})
    run.change(180, "n4", log=new, base=5)
    return run


def elect(run: Run) -> None:
    """n1 asks for votes and has them."""
    run.timer(101, "n1", "election")
    run.change(101, "n1", role="candidate", term=3, vote="n1", timer=[0.101, 0.301])
    asked = [run.send(101, "n1", name, "RequestVote", 5, term=3) for name in REPLICAS[1:]]
    answers = []
    for at, send in enumerate((asked[0], *asked[2:]), start=106):
        voter = run.name_of(send)[1]
        run.deliver(at, send)
        run.change(at, voter, term=3, vote="n1", timer=[at / 1000, 0.3])
        answers.append(run.send(at, voter, "n1", "Vote", 6))
    for at, send in enumerate(answers[:2], start=112):
        run.deliver(at, send)
    run.change(115, "n1", role="leader", timer=None)


def replicas() -> Document:
    """Logs as a grid, with all that can be seen on it; timers and captions on the cluster."""
    fields = {name: name for name in ("base", "commit", "next", "match")}
    return document(
        "replicas",
        "Five logs become one",
        "n1 leads term 3, and brings the logs of the others in line with its own.",
        replicas_run(),
        layout=["cluster", "logs", "lanes", "table", "events"],
        look={
            "badge": "role",
            "tones": {"leader": 0, "candidate": 4, "follower": 7},
            "captions": {"term": "term", "vote": "voted for"},
            "deadline": "timer",
        },
        logs={**fields, "entries": "log", "newest": "term", "leader": ["role", "leader"], "first": 1},
    )


def broadcast(nodes: int, name: str = "replica") -> Document:
    """One node tells all others the same at once; each answers."""
    names = [f"{name}{number}" for number in range(nodes)]
    run = Run(f"{nodes} nodes", 3, dict.fromkeys(names, "Replica"), (), ("role", "answers"))
    run.start(0, *names)
    for other in names:
        run.change(0, other, role="leader" if other == names[0] else "follower")
    sends = [run.send(100, names[0], to, "Append", 20, entries=1) for to in names[1:]]
    for at, send in enumerate(sends, start=120):
        run.deliver(at, send)
    for at, other in enumerate(names[1:], start=140 + nodes):
        run.deliver(at, run.send(at, other, names[0], "Appended", 0))
    look = {"badge": "role", "tones": {"leader": 0, "follower": 7}}
    return document(f"broadcast-{nodes}", f"One of {nodes} speaks", "A leader tells all the others.", run, look=look)


def crowd(nodes: int = 50, events: int = 2000, seed: int = 5) -> Document:
    """Gossip among many nodes: what a chapter's largest run may look like."""
    names = [f"n{i:02d}" for i in range(nodes)]
    run = Run(f"{nodes} nodes, seed {seed}", seed, dict.fromkeys(names, "Gossip"), (), ("state", "version", "peers"))
    rng = random.Random(seed)
    run.start(0, *names)
    pending: list[tuple[int, int]] = []
    while len(run.events) < events:
        gossip(run, rng, names, pending)
    look = {"badge": "state", "tones": {"fresh": 2, "stale": 1}}
    return document("crowd", "Gossip among fifty", "A rumour spreads from node to node.", run, look=look)


def gossip(run: Run, rng: random.Random, names: list[str], pending: list[tuple[int, int]]) -> None:
    """One more thing happens: a message arrives, is lost, or is sent."""
    at = run.now + rng.choice((0, 1, 1, 2, 5))
    pending.sort(reverse=True)
    if pending and pending[-1][0] <= at:
        _, send = pending.pop()
        if rng.random() < 0.1:
            run.drop(at, send, "loss")
            return
        run.deliver(at, send)
        state = rng.choice(("fresh", "stale"))
        run.change(at, run.name_of(send)[1], state=state, version=len(run.events), peers=rng.randrange(9))
        return
    sender, to = rng.sample(names, 2)
    travel = rng.randrange(8, 60)
    kind = rng.choice(("Push", "Pull", "Ack"))
    pending.append((at + travel, run.send(at, sender, to, kind, travel, version=len(run.events))))


PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="80"><text x="20" y="45">picture</text></svg>'


def static_form(document: Document) -> str:
    """The figure of a document, as it stands in a page."""
    picture = base64.b64encode(PICTURE.encode()).decode()
    runs = document["runs"]
    lean = {**document, "runs": [{k: v for k, v in run.items() if k != "lines"} for run in runs]}
    transcripts = "".join(
        f"<details><summary>Transcript: {html.escape(run['label'])}</summary>"
        f'<pre class="lesson-transcript" data-run="{number}" tabindex="0">'
        f"{html.escape(chr(10).join(run['lines']))}</pre></details>"
        for number, run in enumerate(runs)
    )
    data = json.dumps(lean, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<figure class="lesson-player" data-lesson="1" id="player-{document["id"]}">'
        f'<img alt="{html.escape(document["caption"])}" src="data:image/svg+xml;base64,{picture}">'
        f"<figcaption>{html.escape(document['caption'])}</figcaption>{transcripts}"
        f'<script type="application/json">{data}</script></figure>'
    )


def page_of(*figures: str, theme: str = "light") -> str:
    """A page with figures, styled as little as possible; it reads player.js and player.css from the source tree."""
    style = (
        "body{font-family:system-ui,sans-serif;margin:0 auto;padding:0 16px;max-width:860px}"
        "html[data-theme=dark] body{background:#14181e;color:#e6e9ee}"
        "pre{overflow:auto}"
    )
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Players</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style>'
        f'<link rel="stylesheet" href="{(STATIC / "player.css").as_uri()}">'
        f'<script src="{(STATIC / "player.js").as_uri()}"></script></head>'
        f"<body><main><h1>Players</h1>{''.join(figures)}</main></body></html>"
    )


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    figures = [static_form(make()) for make in (lost_update, election, pair, replicas, crowd)]
    for theme in ("light", "dark"):
        (folder / f"players-{theme}.html").write_text(page_of(*figures, theme=theme), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
