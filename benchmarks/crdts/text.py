"""Text: 259,778 keystrokes of one author, each of them committed, and the size of the document with its history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from benchmarks.crdts.typist import Keystroke, keystrokes, typed
from benchmarks.race import Contestant, Work, absent, present, race
from benchmarks.report import Goal, Report, comparison, spoken
from lessons.replication.crdts.text import GraphText
from lessons.replication.crdts.text.packing import pack

KEYSTROKES = 259_778
PYCRDT, LORO, LORO_ONCE = "pycrdt, a transaction each", "loro, a commit each", "loro, one commit"
GOALS = {PYCRDT: 8.0, LORO: 0.6}

Document = Any
Played = Callable[[Sequence[Keystroke]], tuple[Callable[[], object], Callable[[], str], Callable[[], int]]]


def ours(strokes: Sequence[Keystroke]) -> tuple[Callable[[], object], Callable[[], str], Callable[[], int]]:
    """The text of this book."""
    text = GraphText()

    def play() -> None:
        for position, deleted, letters in strokes:
            if deleted:
                text.delete("ann", position, deleted)
            else:
                text.insert("ann", position, letters)

    return play, lambda: text.value, lambda: len(pack(text))


def pycrdt(strokes: Sequence[Keystroke]) -> tuple[Callable[[], object], Callable[[], str], Callable[[], int]]:
    """Yrs, the Rust port of Yjs."""
    from pycrdt import Doc, Text

    document: Document = Doc()
    document["text"] = text = Text()

    def play() -> None:
        for position, deleted, letters in strokes:
            with document.transaction():
                if deleted:
                    del text[position : position + deleted]
                else:
                    text.insert(position, letters)

    return play, lambda: str(text), lambda: len(document.get_update())


def loro(each: bool, strokes: Sequence[Keystroke]) -> tuple[Callable[[], object], Callable[[], str], Callable[[], int]]:
    """Loro, in Rust; with a commit for each keystroke, or one for all."""
    library: Any = import_module("loro")  # its stubs are not complete
    document = library.LoroDoc()
    text = document.get_text("text")

    def play() -> None:
        for position, deleted, letters in strokes:
            if deleted:
                text.delete(position, deleted)
            else:
                text.insert(position, letters)
            if each:
                document.commit()
        document.commit()

    return play, lambda: str(text.to_string()), lambda: len(document.export(library.ExportMode.Snapshot()))


def work(player: Played, strokes: Sequence[Keystroke], end: str, sizes: dict[str, int], name: str) -> Work:
    """A session to be played; afterwards its text is compared and its size is noted."""
    play, value, size = player(strokes)

    def count() -> int:
        sizes[name] = size()
        return len(strokes) if value() == end else 0

    return Work(play, count)


def measure(repetitions: int, long: bool, count: int = KEYSTROKES) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    strokes = keystrokes(count)
    end, sizes = typed(strokes), dict[str, int]()

    def contestant(name: str, player: Played, package: str | None = None) -> Contestant:
        return Contestant(name, partial(work, player, strokes, end, sizes, name), package)

    everybody = [
        contestant("GraphText", ours),
        contestant(PYCRDT, pycrdt, "pycrdt"),
        contestant(LORO, partial(loro, True), "loro"),
        contestant(LORO_ONCE, partial(loro, False), "loro"),
    ]
    timings = race(present(everybody), repetitions)
    rows, ratios = comparison(timings, "keystrokes")
    bound = 2 * len(end.encode()) + count
    return Report(
        name="crdt_text",
        title="text typed by one author",
        workload=f"{count:,} keystrokes of a simulated session, {sum(1 for s in strokes if s[1]):,} of them deletions, "
        f"which leave {len(end):,} characters; every keystroke is an update of its own. The final text is compared.",
        unit="keystrokes a second of processor time",
        rows=[
            {**row, "document, bytes": sizes[timing.contestant.name]} for row, timing in zip(rows, timings, strict=True)
        ],
        ratios=ratios,
        goals=[
            *(Goal(f"times {peer}", ratios[peer], goal) for peer, goal in GOALS.items() if peer in ratios),
            Goal("bytes with the whole history", sizes["GraphText"], bound, at_least=False),
        ],
        skipped=absent(everybody),
        conclusion=f"The text of this book, in Python, is {spoken(ratios)}. Its document has the whole history, as "
        "those of the others; the bound is twice the final text and 1 byte a keystroke.",
        repetitions=repetitions,
    )
