"""Replay an editing session: python -m lessons.replication.crdts replay FILE.json.gz"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import process_time

from lessons.node import LessonsError
from lessons.replication.crdts.sessions import Replay, read_session
from lessons.replication.crdts.text import GraphText
from lessons.replication.crdts.text.packing import pack


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns 0 only if every replica has the right text in the end."""
    parser = argparse.ArgumentParser(prog="python -m lessons.replication.crdts")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    replaying = commands.add_parser("replay", help="replay an editing session, and say whether the text is right")
    replaying.add_argument("file", type=Path, metavar="FILE", help="a session as JSON, gzipped or not")
    chosen = parser.parse_args(arguments)
    try:
        return replay(chosen.file)
    except (OSError, LessonsError, IndexError) as error:
        print(f"{chosen.file.name}: {error}", file=sys.stderr)
        return 2


def replay(path: Path) -> int:
    """Replay a session; print the verdict, the seconds of processor time and the size of the packed text."""
    session = read_session(path)
    start = process_time()
    texts = Replay(session, GraphText).run()
    seconds = process_time() - start
    wrong = [text for text in texts if text.value != session.end]
    size, bound = len(pack(texts[0])), 2 * len(session.end.encode()) + session.edits
    verdict = "right" if not wrong else f"wrong at {len(wrong)}"
    print(f"{path.name}: {session.edits:,} edits, {len(texts)} replicas: {verdict}")
    print(f"{seconds:.3f} s, {session.edits / max(seconds, 1e-9):,.0f} edits a second")
    print(f"{size:,} bytes packed with the whole history, {size / max(bound, 1):.0%} of {bound:,}, the bound")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
