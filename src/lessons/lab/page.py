"""The static form of a lab: what stands in a page before Python runs there, and without it."""

from __future__ import annotations

from lessons.viz.markup import escape


def html(name: str, player: str) -> str:
    """The stored first run, ``player``, in the element that lab.js mounts the lab ``name`` on."""
    return f'<div class="lesson-lab" data-lab="{escape(name)}">\n{player}\n</div>'


def board(id: str, title: str, caption: str, drawn: str) -> str:
    """The stored beginning of a board, ``drawn`` as HTML of ours, with its caption."""
    head = f'<figure id="{escape(id)}" data-title="{escape(title)}">'
    return f'{head}<div class="lesson-board">{drawn}</div><figcaption>{escape(caption)}</figcaption></figure>'
