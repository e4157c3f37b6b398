"""Run nodes of the book as processes: python -m lessons.net COMMAND ..."""

from __future__ import annotations

import sys

from lessons.net.command import main

if __name__ == "__main__":
    sys.exit(main())
