"""A typist: a long session of single keystrokes, drawn from a seed, in the proportions of a real one.

The model is the session in which the paper of Kleppmann and Beresford (2017) was written: 182,315 characters
typed and 77,463 deleted one by one, which leave a text of 104,852. Most keys continue where the last one was.
"""

from __future__ import annotations

from random import Random

Keystroke = tuple[int, int, str]  # position, characters deleted, characters typed

WORDS = (
    "the of and to in is that a for it with as replica state merge update message order concurrent operation element "
    "value we each other node which not are this by be on have can will one all from two when list text"
).split()
DELETED = 0.298  # of all keystrokes
JUMP = 0.02  # of a keystroke, to another place in the text


def keystrokes(count: int, seed: int = 1) -> list[Keystroke]:
    """``count`` keystrokes of one session."""
    rng = Random(f"{seed}/typist")
    made: list[Keystroke] = []
    length = cursor = 0
    while len(made) < count:
        if length and rng.random() < JUMP * 8:
            far = rng.random() < 0.3
            cursor = rng.randint(0, length) if far else max(0, min(length, cursor + rng.randint(-200, 200)))
        if length > 20 and rng.random() < DELETED:
            burst = [(cursor - back - 1, 1, "") for back in range(min(cursor, rng.randint(1, 8)))]
            cursor -= len(burst)
            length -= len(burst)
        else:
            word = f"{rng.choice(WORDS)}{rng.choice([' ', ' ', ' ', ', ', '. '])}"[: rng.randint(1, 12)]
            burst = [(cursor + at, 0, letter) for at, letter in enumerate(word)]
            cursor += len(burst)
            length += len(burst)
        made += burst
    return made[:count]


def typed(strokes: list[Keystroke]) -> str:
    """The text that a session leaves."""
    text: list[str] = []
    for position, deleted, letters in strokes:
        text[position : position + deleted] = letters
    return "".join(text)
