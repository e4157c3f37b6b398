"""python -m tools.notebooks run|check [NOTEBOOK ...]: re-execute the notebooks, or only check them."""

import argparse
import sys
from pathlib import Path

from tools.notebooks.execute import run_all
from tools.notebooks.files import ROOT, all_notebooks
from tools.notebooks.rules import problems_in


def main() -> int:
    """Run the command line; 1 when a notebook fails or breaks a rule."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    parser.add_argument("command", choices=["run", "check"])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all under notebooks/")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    paths = [path.resolve() for path in chosen.notebooks] or all_notebooks()
    failed = run_all(paths, chosen.workers) if chosen.command == "run" else 0
    problems = [f"{path.relative_to(ROOT)}: {problem}" for path in paths for problem in problems_in(path)]
    print("\n".join([*problems, f"{len(paths)} notebooks, {failed} failed, {len(problems)} problems"]))
    return 1 if failed or problems else 0


if __name__ == "__main__":
    sys.exit(main())
