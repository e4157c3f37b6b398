"""For the chapters' pages: source shown by name, and exercises that are checked by running, recorded measurements.

    show(Counter.on_add)
    task("simulation/retry")
    check("simulation/retry", MyClerk, hint=1)
    solution("simulation/retry")
    recorded("kernel")
"""

from lessons.classroom.exercise import BadExercise, Exercise, NoExercise
from lessons.classroom.recorded import NotRecorded, recorded
from lessons.classroom.report import Page, Report, check, solution, task
from lessons.classroom.show import Source, show

__all__ = [
    "BadExercise",
    "Exercise",
    "NoExercise",
    "NotRecorded",
    "Page",
    "Report",
    "Source",
    "check",
    "recorded",
    "show",
    "solution",
    "task",
]
