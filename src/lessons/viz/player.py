"""Player: one recorded run or several, as text, as a picture, as a page's player, as a live widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lessons.viz import widget
from lessons.viz.logs import Logs
from lessons.viz.look import Look
from lessons.viz.markup import escape, folded, image, script_data
from lessons.viz.picture import picture
from lessons.viz.scene import Mark, Prediction, Scene
from lessons.viz.words import alt_text, counted, cut_in_the_middle, verdict_of

if TYPE_CHECKING:
    from lessons.trace import Trace

LINES = 60  # of transcript in the text form


class Player:
    """What a notebook's cell shows for a scene; each front end takes the richest form it can run.

    A terminal gets text, a page gets the static form that player.js turns into the player (a picture where
    no script runs), JupyterLab with a running kernel gets the widget.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._widget: Any = None

    def __repr__(self) -> str:
        return f"Player({self.scene.title!r}, {counted(len(self.scene.runs), 'run')})"

    @property
    def document(self) -> dict[str, Any]:
        """The player document, with the transcripts in it."""
        return self.scene.document()

    def document_after(self, known: Mapping[str, Any] | None) -> dict[str, Any]:
        """The same as ``document``, sooner where ``known`` is one of the same runs a while ago (see ``Scene``)."""
        return self.scene.document(known)

    def text(self) -> str:
        """Title, caption, and each run with its verdict and its transcript, 60 lines in all."""
        share = max(8, LINES // len(self.scene.runs))
        parts = [self.scene.title, self.scene.caption]
        for label, trace in self.scene.runs.items():
            name = f"{label}: " if label else ""
            parts += ["", f"{name}{counted(len(trace.events), 'event')}, {verdict_of(trace)}"]
            parts += cut_in_the_middle(trace.lines(), share)
        return "\n".join(parts)

    def svg(self) -> str:
        """The still picture of the first run."""
        return picture(self.scene.traces[0], self.scene.look, self.scene.marks_of(0))

    def html(self) -> str:
        """The static form: picture, caption, transcripts, and the document that player.js reads."""
        document = self.document
        transcripts = [_transcript(number, run) for number, run in enumerate(document["runs"])]
        for run in document["runs"]:
            del run["lines"]
        alt = f"{self.scene.title}. {alt_text(self.scene.traces[0])}"
        return (
            f'<figure class="lesson-player" data-lesson="1" id="player-{escape(self.scene.id)}">\n'
            f"{image(self.svg().encode(), 'image/svg+xml', alt)}\n"
            f"<figcaption>{escape(self.scene.caption)}</figcaption>\n"
            f"{''.join(transcripts)}{script_data(document)}\n</figure>"
        )

    def live(self) -> Any:
        """The widget that plays this scene; made once. Needs anywidget."""
        if self._widget is None:
            self._widget = widget.make(self.document)
        return self._widget

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        forms = {"text/plain": self.text(), "text/html": self.html()}
        return {**forms, **widget.view(self.live())} if widget.can_run() else forms


def _transcript(number: int, run: Mapping[str, Any]) -> str:
    lines = escape("\n".join(" ".join(line.splitlines()) for line in run["lines"]))
    pre = f'<pre class="lesson-transcript" data-run="{number}">{lines}</pre>'
    return folded(f"Transcript: {run['label']}", pre) + "\n"


def play(
    runs: Trace | Mapping[str, Trace],
    *,
    title: str = "",
    caption: str = "",
    id: str = "",
    look: Look | None = None,
    marks: Sequence[Mark] = (),
    predict: Sequence[Prediction] = (),
    layout: Sequence[str] | None = None,
    logs: Logs | None = None,
    pair: tuple[int, int] | None = None,
) -> Player:
    """A player of one run, or of several with a label each, among which the reader selects.

    ``title`` is that of the first run unless given; ``caption`` says in words what the reader sees, and is
    computed unless given; ``id`` is a slug, made from the title unless given. The rest is as in ``Scene``,
    which also says what raises ValueError.
    """
    labelled = dict(runs) if isinstance(runs, Mapping) else {f"seed {runs.seed}": runs}
    first = next(iter(labelled.values()), None)
    if first is not None:
        title = title or first.title or f"Run of seed {first.seed}"
        caption = caption or f"{counted(len(first.events), 'event')}; {verdict_of(first)}."
    return Player(Scene(title, caption, labelled, id, layout, look or Look(), marks, predict, pair, logs))


def compare(
    broken: Trace, right: Trace, *, labels: tuple[str, str] = ("first draft", "repaired"), **options: Any
) -> Player:
    """A player of two runs in lockstep, side by side, which marks the first event in which they differ.

    ``labels`` name the runs, in this order; ``options`` are those of ``play``. Raises ValueError when the
    labels are not two different ones.
    """
    if len(labels) != 2 or labels[0] == labels[1]:
        raise ValueError(f"labels is {labels!r}: it must be two different texts")
    return play(dict(zip(labels, (broken, right), strict=True)), pair=(0, 1), **options)
