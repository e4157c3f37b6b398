"""A typist: a long session of single keystrokes, drawn from a seed, in the proportions of a real one.

The model is the session in which the paper of Kleppmann and Beresford (2017) was written: 182,315 characters
typed and 77,463 deleted one by one. How often the typist begins somewhere else is chosen such that pycrdt and
Loro make documents of about the same size of both: as many pieces, that is.
"""

from __future__ import annotations

from random import Random

Keystroke = tuple[int, int, str]  # position, characters deleted, characters typed

WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "for",
    "replica",
    "state",
    "merge",
    "update",
    "concurrent",
    "text",
]
ENDS = [" ", " ", " ", " ", ", ", ". "]
JUMP = 0.1  # of all bursts of keystrokes begin somewhere else
FAR = (1.5, 1.0)  # median and spread of the decimal logarithm of how far away
WORDS_AT_ONCE, LETTERS_BACK = 6, 15  # the most that are typed, and deleted, in one burst


def keystrokes(count: int, seed: int = 1) -> list[Keystroke]:
    """``count`` keystrokes of one session."""
    rng = Random(f"{seed}/typist")
    made: list[Keystroke] = []
    length = cursor = 0
    while len(made) < count:
        if rng.random() < JUMP:
            far = int(10 ** rng.gauss(*FAR)) * rng.choice([-1, 1])
            cursor = max(0, min(length, cursor + far))
        if rng.random() < 0.5:
            burst = [(cursor - back - 1, 1, "") for back in range(min(cursor, rng.randint(1, LETTERS_BACK)))]
            cursor -= len(burst)
            length -= len(burst)
        else:
            words = "".join(f"{rng.choice(WORDS)}{rng.choice(ENDS)}" for _ in range(rng.randint(1, WORDS_AT_ONCE)))
            burst = [(cursor + at, 0, letter) for at, letter in enumerate(words)]
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
