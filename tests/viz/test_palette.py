"""One palette: the same colours in the still pictures and in the player, and different to every eye."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import pytest

from lessons.viz.palette import NAMES, TONES, ink_on
from lessons.viz.widget import static

LIGHT, DARK = "#ffffff", "#14181e"  # the player's paper
TEXT, SHAPE = 4.5, 3.0  # contrast that WCAG 2.2 asks for

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


def alike(colours: Sequence[str], eye: str) -> list[tuple[str, str]]:
    """The pairs of colours that this eye can hardly tell apart."""
    return [
        (one, other)
        for one, other in combinations(colours, 2)
        if sum((a - b) ** 2 for a, b in zip(seen(one, eye), seen(other, eye), strict=True)) ** 0.5 <= 0.1
    ]


def luminance(colour: str) -> float:
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(colour))
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def of_player(name: str) -> list[str]:
    """What player.css says for `--name` of each tone, in their order."""
    rules = re.findall(r"\.lp-tone(\d) \{(.*?)\}\n", static("player.css"))
    return [re.findall(rf"--{name}: (.*?);", body)[0] for _, body in sorted(rules)]


def edges(paper: str) -> list[str]:
    """What draws the outline of each tone on light or on dark paper: the tone itself where nothing else is said."""
    shades = [re.findall(r"#\w{6}", edge) for edge in of_player("edge")]
    return [shade[0] if shade and paper == LIGHT else tone for shade, tone in zip(shades, TONES, strict=True)]


def test_the_player_uses_the_same_palette() -> None:
    found = dict(re.findall(r"--lesson-tone-(\d):\s*(#[0-9a-fA-F]{6})\s*;", static("player.css")))
    assert [found.get(str(number), "").lower() for number in range(8)] == list(TONES)
    assert of_player("tone") == [f"var(--lesson-tone-{number})" for number in range(8)]


@pytest.mark.parametrize("eye", EYES)
def test_no_two_tones_look_alike_to_any_eye(eye: str) -> None:
    assert alike(TONES, eye) == []
    assert alike(edges(LIGHT), eye) == []


@pytest.mark.parametrize("paper", [LIGHT, DARK])
def test_the_outline_of_every_tone_stands_out_from_the_paper(paper: str) -> None:
    assert [edge for edge in edges(paper) if contrast(edge, paper) < SHAPE] == []


def test_text_on_every_tone_is_readable() -> None:
    assert of_player("on-tone") == [ink_on(tone) for tone in range(8)]
    assert [tone for number, tone in enumerate(TONES) if contrast(ink_on(number), tone) < TEXT] == []


def test_every_tone_has_a_name() -> None:
    assert len(NAMES) == len(TONES) == 8
