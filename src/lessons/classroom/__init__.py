"""For the chapters' pages: source shown by name, and exercises that are checked by running.

show(Counter.on_add)
task("simulation/retry")
check("simulation/retry", MyCounter, hint=1)
solution("simulation/retry")
"""

from lessons.classroom.exercise import BadExercise, Exercise, NoExercise
from lessons.classroom.report import Page, Report, check, solution, task
from lessons.classroom.show import Source, show

__all__ = ["BadExercise", "Exercise", "NoExercise", "Page", "Report", "Source", "check", "show", "solution", "task"]
