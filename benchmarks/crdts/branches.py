"""Branches: two authors type 10,000 keystrokes each without each other, and then merge."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from benchmarks.crdts.typist import Keystroke, keystrokes
from benchmarks.race import Contestant, Work, absent, present, race
from benchmarks.report import Report, comparison, spoken
from lessons.replication.crdts.text import GraphText
from lessons.replication.crdts.text.packing import pack, unpack

KEYSTROKES = 10_000


def type_in(text: GraphText, author: str, strokes: Sequence[Keystroke]) -> None:
    """Type a session into a text of this book."""
    for position, deleted, letters in strokes:
        if deleted:
            text.delete(author, position, deleted)
        else:
            text.insert(author, position, letters)


def ours(mine: Sequence[Keystroke], theirs: Sequence[Keystroke]) -> Work:
    """The text of this book, from the packed form of the other one."""
    here, there = GraphText(), GraphText()
    type_in(here, "ann", mine)
    type_in(there, "bob", theirs)
    packed = pack(there)
    return Work(lambda: here.merge(unpack(packed)), lambda: len(mine) if len(here) > len(there) else 0)


def pycrdt(mine: Sequence[Keystroke], theirs: Sequence[Keystroke]) -> Work:
    """Yrs, from an update of the other one."""
    from pycrdt import Doc, Text

    def document(strokes: Sequence[Keystroke]) -> Any:
        made: Any = Doc()
        made["text"] = text = Text()
        for position, deleted, letters in strokes:
            with made.transaction():
                if deleted:
                    del text[position : position + deleted]
                else:
                    text.insert(position, letters)
        return made

    here, there = document(mine), document(theirs)
    update, before = there.get_update(), len(str(here["text"]))
    return Work(lambda: here.apply_update(update), lambda: len(mine) if len(str(here["text"])) > before else 0)


def loro(mine: Sequence[Keystroke], theirs: Sequence[Keystroke]) -> Work:
    """Loro, from the snapshot of the other one."""
    library: Any = import_module("loro")  # its stubs are not complete

    def document(strokes: Sequence[Keystroke]) -> Any:
        made = library.LoroDoc()
        text = made.get_text("text")
        for position, deleted, letters in strokes:
            if deleted:
                text.delete(position, deleted)
            else:
                text.insert(position, letters)
        made.commit()
        return made

    here, there = document(mine), document(theirs)
    snapshot, before = there.export(library.ExportMode.Snapshot()), len(here.get_text("text").to_string())

    def count() -> int:
        return len(mine) if len(here.get_text("text").to_string()) > before else 0

    return Work(lambda: here.import_(snapshot), count)


def measure(repetitions: int, long: bool, count: int = KEYSTROKES) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    mine, theirs = keystrokes(count, seed=1), keystrokes(count, seed=2)
    everybody = [
        Contestant("GraphText", lambda: ours(mine, theirs)),
        Contestant("pycrdt", lambda: pycrdt(mine, theirs), "pycrdt"),
        Contestant("loro", lambda: loro(mine, theirs), "loro"),
    ]
    rows, ratios = comparison(race(present(everybody), repetitions), "merged keystrokes")
    return Report(
        name="crdt_branches",
        title="two long branches of a text merge",
        workload=f"Two authors type {count:,} keystrokes each into an empty text, without each other. Then one reads "
        "the other's document from its bytes and merges it.",
        unit="keystrokes of the other author a second of processor time",
        rows=rows,
        ratios=ratios,
        skipped=absent(everybody),
        conclusion=f"The text of this book is {spoken(ratios)}. Here native code is ahead: every character of both "
        "branches is placed one by one.",
        repetitions=repetitions,
    )
