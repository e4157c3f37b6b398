"""Labs: worlds to break by hand, in JupyterLab and in a page. A chapter declares one in its module ``lab``:

    LAB = Lab(
        "agreement/raft", raft_lab, title="A cluster to break", caption="Five servers elect a leader.", horizon=1.0,
        parameters={"servers": Whole(1, 9, help="Servers that found the cluster."), "loss": Number(0, 1, 0.05)},
        **VIEW,
    )

and ``LAB`` as the last line of a notebook's cell shows it. A lab's state is a seed, parameters and actions: it is
replayed, never kept, so that a link, a file and a few lines of Python hold a whole run. ``answer`` is all that a
front end needs.
"""

from lessons.lab.board import Board, BoardLab
from lessons.lab.catalogue import chapters, find
from lessons.lab.desk import answer
from lessons.lab.fields import Choice, Field, Groups, Number, Refused, Span, Switch, Text, Texts, Whole
from lessons.lab.lab import Lab
from lessons.lab.link import from_link, to_link
from lessons.lab.offers import Offer
from lessons.lab.state import State

__all__ = [
    "Board",
    "BoardLab",
    "Choice",
    "Field",
    "Groups",
    "Lab",
    "Number",
    "Offer",
    "Refused",
    "Span",
    "State",
    "Switch",
    "Text",
    "Texts",
    "Whole",
    "answer",
    "chapters",
    "find",
    "from_link",
    "to_link",
]
