"""The scene: what to show of which runs, as data. The player draws it and knows no protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lessons.trace.encode import encode_run
from lessons.viz.logs import Logs, shared, splice
from lessons.viz.look import Look, is_index

if TYPE_CHECKING:
    from lessons.trace import Trace

FORMAT = "lessons-player/1"
PANELS = ("cluster", "logs", "lanes", "table", "events")
MOST_RUNS = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """A remark at one event: the player shows it as a caption and slows down there.

    ``event`` is the event's number in the run, or a part of its transcript line: then the first such line.
    """

    event: int | str
    text: str
    run: int = 0


@dataclass(frozen=True, slots=True)
class Prediction:
    """A question that the player asks before it shows ``event``.

    ``answer`` is the position of the right option and ``why`` explains it once it is revealed. ``event`` is
    given as in ``Mark``.
    """

    event: int | str
    question: str
    options: Sequence[str]
    answer: int
    why: str
    run: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.options, str) or len(self.options) < 2:
            raise ValueError(f"options is {self.options!r}: a prediction needs two options or more")
        if not is_index(self.answer, len(self.options)):
            raise ValueError(f"answer is {self.answer!r}: it must be 0 to {len(self.options) - 1}, an option")


@dataclass(frozen=True)
class Scene:
    """Recorded runs and how to show them. ``document`` is all that the player gets.

    Parameters: ``runs`` maps a label to each run, 1 to 8 of them; ``id`` is a slug, unique on its page,
    made from ``title`` unless given; ``caption`` says in words what the picture shows; ``layout`` lists
    panels in their order on the screen, all that have something to show unless given; ``logs`` says where
    the panel of that name finds the logs; ``pair`` names two runs that play in lockstep.

    A new kind of panel (a ring, a lattice) is added in three places: its name in ``PANELS``; a field here
    whose data goes into ``document`` under that name, as ``logs`` does; a drawing function in player.js. Data
    that the panel can read from the watched fields needs no field here.

    Raises ValueError, naming the argument, its value and the rule.
    """

    title: str
    caption: str
    runs: Mapping[str, Trace]
    id: str = ""
    layout: Sequence[str] | None = None
    look: Look = field(default_factory=Look)
    marks: Sequence[Mark] = ()
    predictions: Sequence[Prediction] = ()
    pair: tuple[int, int] | None = None
    logs: Logs | None = None

    def __post_init__(self) -> None:
        for name in ("title", "caption"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} is empty: say in words what is shown")
        object.__setattr__(self, "id", self.id or slug(self.title))
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", self.id):
            raise ValueError(f"id is {self.id!r}: it must be a slug such as 'lost-update'")
        self._check_runs()
        self._check_layout()
        for name, what in (("marks", "mark"), ("predictions", "prediction")):
            placed = tuple(self._placed(item, what) for item in getattr(self, name))
            object.__setattr__(self, name, placed)

    def _check_runs(self) -> None:
        if not 1 <= len(self.runs) <= MOST_RUNS:
            raise ValueError(f"runs has {len(self.runs)} runs: a player shows 1 to {MOST_RUNS}")
        for label, trace in self.runs.items():
            if not trace.events:
                raise ValueError(f"runs[{label!r}] has no events: run the simulation first")
        if self.pair is not None and not all(is_index(run, len(self.runs)) for run in self.pair):
            raise ValueError(f"pair is {self.pair!r}: it must name two runs, 0 to {len(self.runs) - 1}")
        watched = {name for trace in self.traces for names in trace.watched.values() for name in names}
        logs = {f"{meaning} of logs": name for meaning, name in self.logs.fields().items()} if self.logs else {}
        for what, name in (self.look.fields() | logs).items():
            if name not in watched:
                known = ", ".join(sorted(watched)) or "none"
                raise ValueError(f"{what} is {name!r}: it must be a watched field, one of {known}")

    def _check_layout(self) -> None:
        there = [panel for panel in PANELS if panel != "logs" or self.logs]
        if self.layout is None:
            object.__setattr__(self, "layout", tuple(there))
        panels = [] if isinstance(self.layout, str) else list(self.layout or ())
        if not panels or len(set(panels)) < len(panels) or not set(panels) <= set(PANELS):
            raise ValueError(f"layout is {self.layout!r}: list each panel once, out of {', '.join(PANELS)}")
        if not set(panels) <= set(there):
            raise ValueError("layout has 'logs', but logs is None: say where they are, with Logs(...)")

    def _placed(self, item: Any, what: str) -> Any:
        """A mark or a prediction with the number of its event."""
        if not is_index(item.run, len(self.runs)):
            raise ValueError(f"run of a {what} is {item.run!r}: it must be 0 to {len(self.runs) - 1}")
        return replace(item, event=event_number(self.traces[item.run], item.event, what))

    @property
    def traces(self) -> tuple[Trace, ...]:
        """The runs without their labels."""
        return tuple(self.runs.values())

    def marks_of(self, run: int) -> list[Mark]:
        """The marks of run number ``run``, in the order of their events."""
        return sorted((mark for mark in self.marks if mark.run == run), key=lambda mark: mark.event)

    def document(self, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The player document, with the transcript lines of every run in it.

        ``known`` is a document with the same runs as they were before, say a while ago: lines of events that a run
        shares with it are taken from there, which makes no difference but to the time it takes.
        """
        return {
            "format": FORMAT,
            "id": self.id,
            "title": self.title,
            "caption": self.caption,
            "layout": list(self.layout or ()),
            "look": self.look.data(),
            **({"logs": self.logs.data()} if self.logs else {}),
            "runs": [self._run(number, known["runs"][number] if known else None) for number in range(len(self.runs))],
            **self._lockstep(),
            "predict": [_asked(prediction) for prediction in self.predictions],
        }

    def _run(self, number: int, known: Mapping[str, Any] | None) -> dict[str, Any]:
        label, trace = list(self.runs.items())[number]
        run = encode_run(trace, label, lines=False)
        self.look.tell(run, trace)
        if self.logs:
            self.logs.number(run, trace)
        splice(run)
        start = _shared_lines(known, run) if known else 0
        run["lines"] = [*(known["lines"][:start] if known else ()), *trace.lines(start)]
        marks = [{"event": mark.event, "text": mark.text} for mark in self.marks_of(number)]
        return {**run, "marks": marks}

    def _lockstep(self) -> dict[str, Any]:
        if self.pair is None:
            return {}
        mine, theirs = (self.traces[run] for run in self.pair)
        difference = mine.diff(theirs)
        if difference is None:
            return {"pair": list(self.pair)}
        # A run that ends while the other goes on differs at its last event.
        return {
            "pair": list(self.pair),
            "diff": [min(difference.index, len(run.events) - 1) for run in (mine, theirs)],
        }


def _shared_lines(known: Mapping[str, Any], run: Mapping[str, Any]) -> int:
    """How many lines a run has in common with a known one: those of the same events, if numbers mean the same names."""
    tables = ((known.get(table, ()), run.get(table, ())) for table in ("kinds", "fields", "types", "log"))
    same = all(a == b for one, other in tables for a, b in zip(one, other, strict=False))
    return shared(known["events"], run["events"]) if same and known["nodes"] == run["nodes"] else 0


def event_number(trace: Trace, event: int | str, what: str) -> int:
    """The number of the event that ``event`` means: itself, or the first with it in its transcript line."""
    if not isinstance(event, str):
        if not is_index(event, len(trace.events)):
            raise ValueError(f"event of a {what} is {event!r}: it must be 0 to {len(trace.events) - 1}")
        return event
    for number, line in enumerate(trace.lines()):
        if event in line:
            return number
    raise ValueError(f"event of a {what} is {event!r}: no line of the run's transcript contains it")


def slug(title: str) -> str:
    """``title`` as an id: lower case, ASCII letters and digits, single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _asked(prediction: Prediction) -> dict[str, Any]:
    return {
        "run": prediction.run,
        "event": prediction.event,
        "question": prediction.question,
        "options": list(prediction.options),
        "answer": prediction.answer,
        "why": prediction.why,
    }
