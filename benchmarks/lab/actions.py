"""An action in a lab: time until it is answered and drawn, by going on from what was kept, beside a replay.

In a page the time is that of a clock, from the press of the button to the next frame. A clock also counts what else the
machine does, so the best of all presses is taken. Needs Chromium for that part.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.lab.desk import OFFER, Reader, from_nothing, long_run
from benchmarks.lab.page import PRESS, go, opened, undo
from benchmarks.race import Contestant, Work, race
from benchmarks.report import Goal, Report, Row, rounded
from lessons.lab import State, to_link
from tests.browser import chromium_path

EVENTS = 2000
LIMIT = 100.0  # milliseconds until an action is answered in a page
KEPT, UNREADY, NOTHING = "as a reader acts", "the same, nothing got ready", "replay from nothing, whole document"
ANSWERED, DRAWN = "as a reader acts, until answered", "as a reader acts, until drawn"


def measure(repetitions: int, long: bool, events: int = EVENTS, browser: bool = True) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    state = long_run(events)
    kernel = in_kernel(state, events, repetitions)
    page = in_page(state, events, repetitions) if browser and chromium_path() else {}
    rows: list[Row] = [{"where": "kernel", "way": way, "milliseconds": rounded(spent)} for way, spent in kernel.items()]
    rows += [{"where": "page", "way": way, "milliseconds": rounded(spent)} for way, spent in page.items()]
    goal = "milliseconds until an action is answered in a page"
    return Report(
        name="lab",
        title="an action in a lab",
        workload=f"Raft's lab of 5 servers, a spare and a client: after {events:,} events a reader crashes a server.",
        unit="milliseconds: of processor time in a kernel, of a clock in a page, where the best counts",
        rows=rows,
        ratios={way: rounded(kernel[way] / kernel[KEPT]) for way in (NOTHING, UNREADY)},
        goals=[Goal(goal, rounded(page[ANSWERED]), LIMIT, at_least=False)] if page else [],
        conclusion=conclusion(kernel, page),
        repetitions=repetitions,
        skipped={} if page else {"a page": "no Chromium here, or not asked for"},
    )


def in_kernel(state: State, index: int, repetitions: int) -> dict[str, float]:
    """Milliseconds of processor time for each way to an answer."""
    acted = State.from_json(Reader(state, index, ready=False).act()["state"])
    ways = {
        KEPT: partial(acting, state, index, True),
        UNREADY: partial(acting, state, index, False),
        NOTHING: partial(replaying, acted),
    }
    timings = race([Contestant(name, way) for name, way in ways.items()], repetitions)
    return {timing.contestant.name: 1e3 / timing.median for timing in timings}


def acting(state: State, index: int, ready: bool) -> Work:
    """One action of a reader."""
    return Work(Reader(state, index, ready).act, lambda: 1)


def replaying(state: State) -> Work:
    """The same run, from nothing."""
    return Work(lambda: from_nothing(state), lambda: 1)


def in_page(state: State, index: int, repetitions: int) -> dict[str, float]:
    """Milliseconds of a clock until an action is answered, and until it is drawn: the best."""
    label, _, subject = OFFER.partition(" ")
    spent: list[tuple[float, float]] = []
    with TemporaryDirectory() as folder, opened(Path(folder), to_link(state)) as page:
        for _ in range(repetitions):
            go(page, index, subject)
            spent.append(page.evaluate(PRESS, label))
            undo(page)
    answered, drawn = zip(*spent, strict=True)
    return {ANSWERED: min(answered), DRAWN: min(drawn)}


def conclusion(kernel: dict[str, float], page: dict[str, float]) -> str:
    """What the figures say."""
    gain = kernel[NOTHING] / kernel[KEPT]
    told = f" In a page it is answered in {page[ANSWERED]:.0f} ms and drawn in {page[DRAWN]:.0f}." if page else ""
    return (
        f"To go on from what was kept, and to send what has changed, takes {gain:.1f} times less than a replay.{told}"
    )
