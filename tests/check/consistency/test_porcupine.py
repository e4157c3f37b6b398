"""Verdicts of others: recorded histories of etcd and of a key-value store, judged by Porcupine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lessons.check import linearizable
from lessons.check.consistency.models import CASRegister, KeyValue, Model
from lessons.check.histories import Recorded, jepsen_etcd, jepsen_kv, read_text
from tests.source import ROOT

# A folder with histories and verdicts; the default is one beside the repository.
FOLDER = Path(os.environ.get("LESSONS_PORCUPINE", ROOT.parent / "shared" / "oracles" / "porcupine"))


def cases() -> Iterator[tuple[Path, bool]]:
    """The files in the folder, with their verdicts: in ``expected.json``, or in the name."""
    if FOLDER.is_dir():
        expected = json.loads((FOLDER / "expected.json").read_text())
        for name, right in sorted(expected.items()):
            yield FOLDER / f"{name}.log", right
        for path in sorted((FOLDER / "kv").glob("*.txt")):
            yield path, path.stem.endswith("ok")


CASES = list(cases())


@pytest.mark.skipif(not CASES, reason=f"no histories of Porcupine's in {FOLDER}: set LESSONS_PORCUPINE")
def test_there_are_cases() -> None:
    assert len({right for _, right in CASES}) == 2


@pytest.mark.parametrize(("path", "right"), CASES, ids=[path.stem for path, _ in CASES])
def test_the_verdict_is_that_of_porcupine(path: Path, right: bool) -> None:
    recorded, model = read(path)
    judgement = linearizable(recorded.operations, model, unit=recorded.unit)
    assert judgement.holds is right
    if not right:
        window = judgement.window
        assert window is not None and 1 <= len(window.core) <= 6 and window.why


def read(path: Path) -> tuple[Recorded, Model]:
    text = read_text(path)
    return (jepsen_etcd(text), CASRegister()) if path.suffix == ".log" else (jepsen_kv(text), KeyValue(missing=""))
