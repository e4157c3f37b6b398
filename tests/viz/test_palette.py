"""One palette: the same colours in the still pictures and in the player, and different to every eye."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from lessons.viz.palette import NAMES, TONES, ink_on
from lessons.viz.widget import static

# Linear RGB as a dichromat sees it, for full severity (Machado, Oliveira and Fernandes 2009).
EYES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))


def seen(colour: str, eye: str) -> tuple[float, ...]:
    linear = [channel**2.2 for channel in rgb(colour)]
    through = (sum(a * b for a, b in zip(row, linear, strict=True)) for row in EYES[eye])
    return tuple(max(0.0, min(1.0, channel)) ** (1 / 2.2) for channel in through)


def test_the_player_uses_the_same_palette() -> None:
    found = dict(re.findall(r"--lesson-tone-(\d):\s*(#[0-9a-fA-F]{6})\s*;", static("player.css")))
    assert [found.get(str(number), "").lower() for number in range(8)] == list(TONES)


@pytest.mark.parametrize("eye", EYES)
def test_no_two_tones_look_alike_to_any_eye(eye: str) -> None:
    for one, other in combinations(TONES, 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(one, eye), seen(other, eye), strict=True)) ** 0.5
        assert distance > 0.1, (one, other)


def test_every_tone_has_a_name() -> None:
    assert len(NAMES) == len(TONES) == 8


def test_ink_is_readable_on_every_tone() -> None:
    assert {ink_on(tone) for tone in range(8)} <= {"#000000", "#ffffff"}
    assert ink_on(6) == "#000000"
