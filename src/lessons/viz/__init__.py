"""Runs and results to look at: the player, the still picture, quizzes, tables, figures.

    play(trace, title="Lost update", caption="Both clerks read 0, and one addition is lost.",
         marks=[Mark("bob    sends", "Both clerks have read 0.")])
    compare(first_draft, repaired, title="The same seed, twice", caption="...")
    play(trace, look=Look("role", {"leader": 0}, captions={"vote": "voted for"}, deadline="timer"),
         logs=Logs("entries", commit="commit", term="term", label="data", leader=("role", "leader")))

Everything here reads traces or plain data and knows no protocol. Importing it needs the standard library
only; matplotlib and anywidget are used where they are installed.
"""

from lessons.viz.diagram import Diagram
from lessons.viz.figure import figure
from lessons.viz.logs import Logs
from lessons.viz.look import Look
from lessons.viz.picture import picture
from lessons.viz.player import Player, compare, play
from lessons.viz.quiz import Quiz
from lessons.viz.scene import PANELS, Mark, Prediction, Scene
from lessons.viz.table import Table, Verdict, table, verdict

__all__ = [
    "PANELS",
    "Diagram",
    "Logs",
    "Look",
    "Mark",
    "Player",
    "Prediction",
    "Quiz",
    "Scene",
    "Table",
    "Verdict",
    "compare",
    "figure",
    "picture",
    "play",
    "table",
    "verdict",
]
