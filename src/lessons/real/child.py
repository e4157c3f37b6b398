"""What runs between fork and server: writes down who it is, gives up root, ends with its parent, becomes the server.

It is started as a file, by an interpreter without site-packages, so that nothing of a parent with many threads
runs after its fork. Therefore it imports the standard library alone.
"""

from __future__ import annotations

import ctypes  # now: who has given up root may not be able to read it any more
import os
import sys
from pathlib import Path

SET_PARENT_DEATH_SIGNAL = 1  # of prctl(2)


def birth(pid: int) -> str:
    """When a process began, so that no later one of the same number is taken for it; empty when it is gone."""
    if Path("/proc/self/stat").is_file():
        try:
            state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if state == "Z" else fields[18]  # starttime of proc(5), in ticks since boot
    from subprocess import run

    said = run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "".join(letter for letter in said.stdout if letter.isalnum())


def give_up_root(user: str) -> None:
    """Be ``user`` from now on, in no other group than that user's own."""
    from pwd import getpwnam

    account = getpwnam(user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def end_with(parent: int, signal: int) -> None:
    """Let the kernel send ``signal`` when the parent ends; only Linux can. Ends at once if the parent is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal)
    if os.getppid() != parent:
        sys.exit("the parent has ended")


def main(record: str, parent: str, signal: str, bound: str, user: str, *command: str) -> None:
    """Become ``command``; ``record`` is the file for its number, birth and the ``signal`` that ends it."""
    Path(record).write_text(f"{os.getpid()} {birth(os.getpid())} {signal}")
    if user:
        give_up_root(user)
    if bound:
        end_with(int(parent), int(signal))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
