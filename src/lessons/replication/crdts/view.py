"""The pictures of the chapter: how the versions of a run branch and meet, and who typed which character."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lessons.replication.crdts.specification import told
from lessons.replication.crdts.text import ListText
from lessons.replication.crdts.versions import Name, Version, concurrent, versions
from lessons.viz import Look, Mark, Player, play, svg
from lessons.viz.markup import escape, image
from lessons.viz.palette import TONES, ink_on
from lessons.viz.space import shorten, text_width

if TYPE_CHECKING:
    from lessons.trace import Trace

GUTTER, COLUMN, LANE, EDGE = 70, 132, 92, 18  # widths of names and versions, height of a lane, room around
BOX, TALL = 108, 34  # of a version
MOST = 40  # versions that a picture shows
CELL, ROW, ACROSS = 26, 62, 30  # of a character: width, height with its author, and how many stand in a line
NARROWEST = 460  # picture, so that small ones are not blown up on a phone
#: How replicas look in the player: with what each shows on its node.
VIEW: dict[str, Any] = {
    "look": Look("value", captions={"seen": "has seen"}, label=lambda message: type(message).__name__.lower())
}


class Still:
    """A picture with its words: in a page an image with alt text, in a terminal the words."""

    alt: str
    caption: str
    is_narrow = False  # whether a phone shows it whole, in letters that can be read

    def svg(self) -> str:
        """The picture itself, in colours for light and for dark."""
        raise NotImplementedError

    def text(self) -> str:
        """What the picture shows, in words."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.caption!r})"

    def html(self) -> str:
        """The picture, its caption, and the same in words, folded."""
        shown = image(self.svg().encode(), "image/svg+xml", self.alt)
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        words = f"<details><summary>In words</summary><pre>{escape(self.text())}</pre></details>"
        kind = "lesson-diagram lesson-narrow" if self.is_narrow else "lesson-diagram"
        return f'<figure class="{kind}">{shown}{caption}{words}</figure>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}


def framed(width: float, height: float, parts: Sequence[str]) -> str:
    """An SVG of these parts on paper."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {svg.num(width)} {svg.num(height)}" '
        f'width="{svg.num(width)}" height="{svg.num(height)}">{svg.STYLE}{svg.HEAD}'
        f"{svg.bar(width / 2, height / 2, width - 1, height - 1, 'paper', 8)}{''.join(parts)}</svg>"
    )


class MergePicture(Still):
    """The versions of a run as a lattice: time to the right, a lane a replica, a join where branches meet."""

    def __init__(self, trace: Trace, caption: str = "") -> None:
        self.caption = caption
        everything = versions(trace)
        self.versions = everything[:MOST]
        self.left_out = len(everything) - len(self.versions)
        self.lanes = {name: lane for lane, name in enumerate(name for name in trace.nodes if name not in trace.clients)}
        self.ranks = self._ranks()

    def _ranks(self) -> dict[Name, int]:
        """The column of each version: one more than those of the versions that it is made of."""
        ranks: dict[Name, int] = {}
        for version in self.versions:
            ranks[version.name] = max([ranks[parent] + 1 for parent in version.parents], default=0)
        return ranks

    def place(self, version: Version) -> tuple[float, float]:
        """The middle of a version's box: of what all had at first, between the lanes."""
        lane = self.lanes[version.replicas[0]] if version.name else (len(self.lanes) - 1) / 2
        return GUTTER + COLUMN * (self.ranks[version.name] + 0.5), EDGE + LANE * (lane + 0.5)

    def svg(self) -> str:
        width = GUTTER + COLUMN * (max(self.ranks.values(), default=0) + 1) + EDGE
        parts = [*self._lanes(width), *self._beside(), *self._edges()]
        for version in self.versions:
            parts += self._box(version)
        return framed(width, LANE * len(self.lanes) + 2 * EDGE, parts)

    def _lanes(self, width: float) -> Iterator[str]:
        for name, lane in self.lanes.items():
            y = EDGE + LANE * (lane + 0.5)
            yield svg.text(EDGE, y + 4, name, "name")
            yield svg.line(GUTTER, y, width - EDGE, y, "off")

    def _edges(self) -> Iterator[str]:
        at = {version.name: self.place(version) for version in self.versions}
        for version in self.versions:
            x, y = at[version.name]
            for parent in version.parents:
                left, top = at[parent]
                yield svg.line(left + BOX / 2, top, x - BOX / 2 - 2, y, "flight", head=True)

    def _beside(self) -> Iterator[str]:
        """A dotted line between the branches that meet in a join, with the sign for concurrent."""
        for first, second in self.pairs():
            x1, y1 = self.place(first)
            x2, y2 = self.place(second)
            yield svg.line(x1, y1, x2, y2, "lead")
            yield svg.text((x1 + x2) / 2 + 6, (y1 + y2) / 2 + 4, "∥", "strong halo")

    def pairs(self) -> list[tuple[Version, Version]]:
        """The concurrent versions that meet in a join."""
        by_name = {version.name: version for version in self.versions}
        met = [[by_name[name] for name in version.parents] for version in self.versions if version.is_join]
        return [(pair[0], pair[1]) for pair in met if concurrent(pair[0], pair[1])]

    def _box(self, version: Version) -> Iterator[str]:
        x, y = self.place(version)
        yield svg.bar(x, y, BOX, TALL, "tag" if version.is_join else "remark", 8)
        yield svg.text(x, y + 4, shorten(told(version.value), 16), "strong" if version.is_join else "", "middle")
        if version.is_join:
            yield svg.dot(x - BOX / 2, y, 9, "write")
            yield svg.text(x - BOX / 2, y + 4, "∨", "onnumber", "middle")
        yield svg.text(x, y + TALL / 2 + 14, counts(version.name), "soft halo", "middle")
        also = [name for name in version.replicas[1:] if version.name]
        if also:
            yield svg.text(x, y - TALL / 2 - 6, f"also {', '.join(also)}", "soft halo", "middle")

    @property
    def alt(self) -> str:  # type: ignore[override]
        """What the picture shows, for a reader who can't see it."""
        joins = sum(version.is_join for version in self.versions)
        last = self.versions[-1]
        return (
            f"Lattice of {len(self.versions)} versions at {len(self.lanes)} replicas. Branches meet in {joins} joins. "
            f"The last version is {told(last.value)}, at {', '.join(last.replicas)}."
        )

    def text(self) -> str:
        lines = [self.caption] if self.caption else []
        for version in self.versions:
            word = "joins" if version.is_join else "follows" if version.parents else "begins"
            parents = " and ".join(f"[{counts(parent)}]" for parent in version.parents)
            who = ", ".join(version.replicas)
            lines.append(f"[{counts(version.name)}] {told(version.value)}: {who}; {word} {parents}".rstrip())
        return "\n".join([*lines, *([f"{self.left_out} more versions"] if self.left_out else [])])


def counts(name: Name) -> str:
    """A version in words: "ann 2, bob 1"."""
    return ", ".join(f"{replica} {number}" for replica, number in name) or "no updates"


class TextPicture(Still):
    """The characters of a text in order, each with the name of who typed it, and tombstones among them."""

    def __init__(self, text: ListText, caption: str = "") -> None:
        self.letters = text.letters()
        self.caption = caption
        self.is_narrow = len(self.letters) * CELL <= NARROWEST - 2 * EDGE
        authors = sorted({dot[0] for _, dot, _ in self.letters})
        self.tones = {author: number % len(TONES) for number, author in enumerate(authors)}

    def svg(self) -> str:
        across = max(8, min(ACROSS, len(self.letters)))
        lines = max(1, -(-len(self.letters) // across))
        parts = [part for at, letter in enumerate(self.letters) for part in self._cell(at, across, *letter)]
        y = EDGE + lines * ROW
        x: float = EDGE
        for author, tone in self.tones.items():
            parts += [_swatch(x, y, tone), svg.text(x + 22, y + 13, f"{author[0]}: {author}", "soft")]
            x += 46 + text_width(author, 12)
        return framed(max(EDGE * 2 + across * CELL, x + EDGE, NARROWEST), y + 30, parts)

    def _cell(self, at: int, across: int, letter: str, dot: tuple[str, int], deleted: bool) -> Iterator[str]:
        x, y = EDGE + at % across * CELL, EDGE + at // across * ROW
        tone, middle = self.tones[dot[0]], x + CELL / 2 - 1
        shown = {" ": "␣", "\n": "↵"}.get(letter, letter)
        if deleted:
            yield f'<rect class="open" x="{x}" y="{y}" width="{CELL - 2}" height="30" rx="4"/>'
            yield svg.text(middle, y + 20, shown, "soft", "middle")
            yield svg.line(x + 4, y + 15, x + CELL - 6, y + 15, "cross")
        else:
            yield f'<rect x="{x}" y="{y}" width="{CELL - 2}" height="30" rx="4" fill="{TONES[tone]}"/>'
            ink = f'style="fill:{ink_on(tone)};font-weight:600"'
            yield f'<text x="{svg.num(middle)}" y="{y + 20}" text-anchor="middle" {ink}>{escape(shown)}</text>'
        yield svg.text(middle, y + 44, dot[0][0], "soft", "middle")

    @property
    def alt(self) -> str:  # type: ignore[override]
        """What the picture shows, for a reader who can't see it."""
        gone = sum(deleted for _, _, deleted in self.letters)
        parts = "; ".join(f"{author}: {''.join(part)}" for author, part in self.stretches())
        told = parts or "nothing"
        return f"{len(self.letters)} characters, {gone} of them tombstones. Who typed what, in order: {told}."

    def stretches(self) -> list[tuple[str, list[str]]]:
        """Who typed which stretch of the text; tombstones are left out."""
        found: list[tuple[str, list[str]]] = []
        for letter, (author, _), deleted in self.letters:
            if not deleted and found and found[-1][0] == author:
                found[-1][1].append(letter)
            elif not deleted:
                found.append((author, [letter]))
        return found

    def text(self) -> str:
        shown = "".join(letter for letter, _, deleted in self.letters if not deleted)
        authors = "".join(dot[0][0] for _, dot, deleted in self.letters if not deleted)
        return "\n".join([*([self.caption] if self.caption else []), shown, authors])


def _swatch(x: float, y: float, tone: int) -> str:
    return f'<rect x="{svg.num(x)}" y="{svg.num(y)}" width="16" height="16" rx="3" fill="{TONES[tone]}"/>'


def watch(
    runs: Trace | Mapping[str, Trace], *, title: str, caption: str, marks: Sequence[Mark] = (), **options: Any
) -> Player:
    """A run of replicas in the player, with what each shows on its node; ``options`` are those of ``play``."""
    return play(runs, title=title, caption=caption, marks=marks, **VIEW, **options)
