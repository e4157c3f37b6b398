"""What the player reads: size and time of a chapter's trace as JSON, beside its events written out plainly."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

from benchmarks.race import Contestant, Work, race
from benchmarks.report import Goal, Report, Row, rounded
from benchmarks.sim import register
from lessons.node import encode
from lessons.trace import Event, Trace

SECONDS = 1.5
ROUNDS = 20
LIMIT_KB = 150  # of a normal chapter
OURS, PLAIN = "trace.to_json()", "json.dumps of the events"


def plainly(trace: Trace) -> str:
    """The events as a list of objects with all their fields: what one would write without thinking of size."""
    return json.dumps([_plain(event) for event in trace.events], separators=(",", ":"))


def _plain(event: Event) -> dict[str, Any]:
    return {"kind": type(event).__name__} | {each.name: encode(getattr(event, each.name)) for each in fields(event)}


def without_transcript(text: str) -> str:
    """The document as a page has it: there the transcript is readable text beside it."""
    document = json.loads(text)
    del document["lines"]
    return json.dumps(document, separators=(",", ":"))


def work(write: Callable[[Trace], str], seconds: float, rounds: int) -> Work:
    """Write the same trace several times."""
    trace = register.trace(seconds)
    events = len(trace)
    return Work(lambda: [write(trace) for _ in range(rounds)], lambda: events * rounds)


def measure(repetitions: int, long: bool, seconds: float = SECONDS, rounds: int = ROUNDS) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    writers = {OURS: Trace.to_json, PLAIN: plainly}
    contestants = [Contestant(name, partial(work, write, seconds, rounds)) for name, write in writers.items()]
    timings = race(contestants, repetitions)
    trace = register.trace(seconds)
    microseconds = {timing.contestant.name: 1e6 / timing.median for timing in timings}
    texts = {name: write(trace) for name, write in writers.items()}
    page = without_transcript(texts[OURS])
    size = rounded(len(texts[OURS].encode()) / 1000)
    return Report(
        name="player",
        title="a chapter's trace as JSON",
        workload=(
            f"A register on {len(register.SERVERS)} servers, with {len(register.CLIENTS)} clients, for {seconds:g} "
            f"virtual seconds, with loss, a crash and a partition: {len(trace):,} events."
        ),
        unit="kB, bytes an event, and microseconds of processor time an event",
        rows=[
            row(OURS, texts[OURS], trace, microseconds[OURS]),
            row("the same in a page, transcript beside it", page, trace, microseconds[OURS]),
            row(PLAIN, texts[PLAIN], trace, microseconds[PLAIN]),
        ],
        ratios={PLAIN: rounded(microseconds[PLAIN] / microseconds[OURS])},
        goals=[Goal("kB of trace.to_json()", size, LIMIT_KB, at_least=False)],
        conclusion=conclusion(texts, page, microseconds, trace),
        repetitions=repetitions,
    )


def row(what: str, text: str, trace: Trace, microseconds: float) -> Row:
    """Size and time of one form."""
    data = text.encode()
    return {
        "form": what,
        "kB": rounded(len(data) / 1000),
        "kB, compressed": rounded(len(zlib.compress(data)) / 1000),
        "bytes an event": rounded(len(data) / len(trace)),
        "microseconds an event": rounded(microseconds),
    }


def conclusion(texts: dict[str, str], page: str, microseconds: dict[str, float], trace: Trace) -> str:
    """What the figures say."""
    smaller = rounded(len(texts[PLAIN]) / len(page), 2)
    slower = rounded(microseconds[OURS] / microseconds[PLAIN], 2)
    return (
        f"In a page an event takes {len(page) / len(trace):.0f} bytes, {smaller:g} times less than written out "
        f"plainly. To make the document takes {slower:g} times as long, transcript included."
    )
