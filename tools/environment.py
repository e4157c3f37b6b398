"""Make .venv from requirements.txt. Runs on the machine's own Python, before anything is installed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
WANTED = ROOT / "requirements.txt"
MARK = VENV / "requirements.installed"
OLDEST = (3, 11)


def main() -> None:
    """Make the environment if it is missing, broken, or not the one that requirements.txt asks for."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"The book needs Python 3.11 or newer; {sys.executable} is {found}. Name another: make PYTHON=...")
    if not is_ready():
        make()


def is_ready() -> bool:
    """Say whether .venv runs and holds exactly what requirements.txt names."""
    if not MARK.is_file() or MARK.read_bytes() != WANTED.read_bytes():
        return False
    try:
        return subprocess.run([python(), "-c", "import lessons"], capture_output=True).returncode == 0
    except OSError:
        return False


def python() -> str:
    """Return the environment's interpreter."""
    return str(VENV / "bin" / "python")


def make() -> None:
    """Make .venv anew; the mark is written last, so an interrupted set-up is done again."""
    print("Setting up .venv: about a minute, once.", flush=True)
    wanted = WANTED.read_bytes()
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode:
        sys.exit("Python's venv module does not work here. On Debian or Ubuntu: apt install python3-venv")
    # Python compiles what it imports; pip would compile all that is there, a third of its time.
    pip = [python(), "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
    if subprocess.run([*pip, "-r", str(WANTED)], cwd=ROOT).returncode:
        sys.exit("The packages of requirements.txt could not be installed; pip's words are above.")
    MARK.write_bytes(wanted)


if __name__ == "__main__":
    main()
