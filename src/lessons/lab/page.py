"""The static form of a lab: what stands in a page before Python runs there, and without it."""

from __future__ import annotations

from lessons.viz.markup import escape


def html(name: str, player: str) -> str:
    """The stored first run, ``player``, in the element that lab.js mounts the lab ``name`` on."""
    return f'<div class="lesson-lab" data-lab="{escape(name)}">\n{player}\n</div>'
