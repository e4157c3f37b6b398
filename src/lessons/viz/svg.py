"""SVG in small pieces, and the style sheet of the still pictures, for light and for dark."""

from __future__ import annotations

from lessons.viz.markup import escape
from lessons.viz.palette import BROKEN, FLIGHT, HELD, TONES, ink_on

FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif'

_SHARED = f"""
text{{font:12px {FONT};fill:var(--ink)}}
.name{{font-weight:600;font-size:13px}}
.soft{{fill:var(--soft);font-size:11px}}
.halo{{stroke:var(--paper);stroke-width:4px;stroke-linejoin:round;paint-order:stroke}}
.strong{{font-weight:600}}
.paper{{fill:var(--paper);stroke:var(--edge)}}
.lane{{stroke:var(--lane);stroke-width:2}}
.off{{stroke:var(--lane);stroke-width:1.5;stroke-dasharray:1 5;stroke-linecap:round}}
.paused{{stroke:var(--lane);stroke-width:2;stroke-dasharray:7 5}}
.tone{{stroke-width:5;stroke-linecap:round;opacity:.85}}
.band{{fill:var(--band)}}
.flight,.lost,.open{{fill:none;stroke:{FLIGHT};stroke-width:1.6}}
.lost{{stroke-dasharray:5 3}}
.open{{stroke-dasharray:2 3}}
.head{{fill:{FLIGHT}}}
.dot{{fill:{FLIGHT};stroke:var(--paper);stroke-width:1}}
.cross{{fill:none;stroke:{BROKEN};stroke-width:2.4;stroke-linecap:round}}
.begin{{fill:var(--ink)}}
.timer{{fill:var(--paper);stroke:var(--soft);stroke-width:1.6}}
.write{{fill:{HELD};stroke:var(--paper);stroke-width:1.5}}
.tag{{fill:var(--tag);stroke:{HELD}}}
.remark{{fill:var(--tag);stroke:var(--edge)}}
.fault{{fill:var(--tag);stroke:{BROKEN}}}
.world{{stroke:{BROKEN};stroke-width:1.4;stroke-dasharray:4 4}}
.end{{stroke:{BROKEN};stroke-width:2}}
.broken{{fill:{BROKEN}}}
.onbroken{{fill:{ink_on(TONES.index(BROKEN))};font-weight:600}}
.lead{{stroke:var(--soft);stroke-width:1;stroke-dasharray:1 3}}
.number{{fill:var(--ink)}}
.onnumber{{fill:var(--paper);font-weight:600;font-size:11px}}
"""
_LIGHT = "--paper:#fff;--ink:#1f2328;--soft:#59636e;--edge:#d1d9e0;--lane:#9aa4af;--band:#dce6f2;--tag:#fff"
_DARK = "--paper:#15191f;--ink:#e6e9ed;--soft:#9da7b3;--edge:#39424e;--lane:#65707d;--band:#263a50;--tag:#1c222a"
# The palette's blue and green are too dark on dark paper: lines take lighter shades of the same hues there.
_DARK_LINES = (
    ".flight,.lost,.open{stroke:#4aa3df}.head,.dot{fill:#4aa3df}"
    ".tag{stroke:#2fc296}.write{fill:#2fc296}.cross,.world,.end{stroke:#f08a3c}.fault{stroke:#f08a3c}"
)
STYLE = (
    f"<style>:root{{{_LIGHT}}}{_SHARED}@media(prefers-color-scheme:dark){{:root{{{_DARK}}}{_DARK_LINES}}}</style>"
).replace("\n", "")
HEAD = (
    '<defs><marker id="h" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
    'markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0.6 8 4 0 7.4z"/></marker></defs>'
)


def num(value: float) -> str:
    """A coordinate with at most one digit behind the point."""
    return f"{value:.1f}".removesuffix(".0")


def text(x: float, y: float, words: str, css: str = "", anchor: str = "") -> str:
    """Text whose base line is at ``y``."""
    extra = (f' class="{css}"' if css else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{num(x)}" y="{num(y)}"{extra}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, css: str, head: bool = False, colour: str = "") -> str:
    """A straight line, with an arrow's head at its end if asked for."""
    extra = (' marker-end="url(#h)"' if head else "") + (f' stroke="{colour}"' if colour else "")
    return f'<path class="{css}" d="M{num(x1)} {num(y1)} {num(x2)} {num(y2)}"{extra}/>'


def curve(x: float, y: float, x2: float, css: str) -> str:
    """An arrow from a place on a lane back to a later place on the same lane, above it."""
    return (
        f'<path class="{css}" d="M{num(x)} {num(y)}C{num(x)} {num(y - 28)} '
        f'{num(x2)} {num(y - 28)} {num(x2)} {num(y - 3)}" marker-end="url(#h)"/>'
    )


def dot(x: float, y: float, radius: float, css: str) -> str:
    """A filled circle."""
    return f'<circle class="{css}" cx="{num(x)}" cy="{num(y)}" r="{num(radius)}"/>'


def cross(x: float, y: float, size: float = 4.5) -> str:
    """The sign for an end that should not be: a lost message, a crash."""
    a, b, c, d = (num(value) for value in (x - size, y - size, x + size, y + size))
    return f'<path class="cross" d="M{a} {b} {c} {d}M{a} {d} {c} {b}"/>'


def bar(x: float, y: float, width: float, height: float, css: str, round_by: float = 0) -> str:
    """A rectangle around its middle."""
    extra = f' rx="{num(round_by)}"' if round_by else ""
    return (
        f'<rect class="{css}" x="{num(x - width / 2)}" y="{num(y - height / 2)}" '
        f'width="{num(width)}" height="{num(height)}"{extra}/>'
    )
