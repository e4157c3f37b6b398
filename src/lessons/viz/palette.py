"""The colours of every picture: a palette that colour-blind readers can tell apart, on light and on dark."""

from __future__ import annotations

# Okabe and Ito, "Color Universal Design" (2008), with a grey in place of black, which dark paper would hide.
TONES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#666666")
NAMES = ("blue", "vermillion", "green", "pink", "orange", "sky", "yellow", "grey")

FLIGHT, BROKEN, HELD = TONES[0], TONES[1], TONES[2]


def ink_on(tone: int) -> str:
    """Black or white: whichever is easier to read on palette number ``tone`` (contrast by WCAG 2.2)."""
    light = _luminance(TONES[tone])
    return "#000000" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "#ffffff"


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
