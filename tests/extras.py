"""What a test needs beside Python: where it is missing the test is skipped with a word, or fails if it is required."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def without(what: str, reason: object) -> NoReturn:
    """Skip the test for want of ``what``, or fail it when LESSONS_<WHAT>=required is in the environment."""
    variable = f"LESSONS_{what.upper()}"
    if os.environ.get(variable) == "required":
        pytest.fail(f"{variable}=required, but {reason}", pytrace=False)
    pytest.skip(f"not run: {reason}")
