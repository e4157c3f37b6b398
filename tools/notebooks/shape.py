"""The shape of a chapter: the same headings everywhere, exercises, questions, pictures with words."""

import re
from collections.abc import Iterator

from tools.notebooks.files import Notebook, source_of

SECTIONS = (
    "Watch it break",
    "By the end you can",
    "Synopsis",
    "Model",
    "Build it",
    "Break it",
    "Measure it",
    "In real systems",
    "Checkpoint",
    "Exercises",
    "Lessons, next, references",
)
SPREAD = "Predict"  # Stands wherever a question is asked, at any level below the title.


def problems_of_shape(notebook: Notebook) -> Iterator[str]:
    """Say how a notebook differs from what a chapter is."""
    text = _text(notebook)
    headings = [(len(marks), title.strip()) for marks, title in re.findall(r"^(#+)\s+(.+)$", text, re.M)]
    yield from _of_headings(headings)
    if not re.search(r"^[`:]{3,}\{exercise(-start)?\}", text, re.M):
        yield "has no exercise: ```{exercise}"
    for alt, target in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", text):
        if not alt.strip():
            yield f"has a picture without alt text: {target}"
    for target, options in re.findall(r"^[`:]{3,}\{(?:figure|image)\} *(\S+)\n((?::[^\n]*\n)*)", text, re.M):
        if not re.search(r"^:alt: *\S", options, re.M):
            yield f"has a picture without alt text: {target}"


def _text(notebook: Notebook) -> str:
    """Return all text cells, without the code blocks in them."""
    text = "\n\n".join(source_of(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    return re.sub(r"^(```+)(?:[a-z]+)?\n.*?^\1$", "", text, flags=re.M | re.S)


def _of_headings(headings: list[tuple[int, str]]) -> Iterator[str]:
    titles = [title for level, title in headings if level == 1]
    if len(titles) != 1 or headings[0][0] != 1:
        yield f"must begin with its title and have no other: {titles}"
    sections = [title for level, title in headings if level == 2 and not title.startswith(SPREAD)]
    for missing in [title for title in SECTIONS if title not in sections]:
        yield f"has no section '## {missing}'"
    for other in [title for title in sections if title not in SECTIONS]:
        yield f"has a section '## {other}', which is not one of a chapter's"
    known = [title for title in sections if title in SECTIONS]
    if known != sorted(known, key=SECTIONS.index):
        yield f"has its sections in another order: {', '.join(known)}"
    if not any(level > 1 and title.startswith(SPREAD) for level, title in headings):
        yield f"asks no question: a heading that begins with {SPREAD!r}"
