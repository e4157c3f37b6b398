"""The page on real processes says what was measured, and its commands are those that there are."""

from __future__ import annotations

import json
import re

from lessons.net.command import parser
from tests.source import ROOT

PAGE = (ROOT / "book" / "machines.md").read_text(encoding="utf8")
PEERS = (
    "PySyncObj, synced, 3 processes",
    "PySyncObj, synced, one process",
    "PySyncObj, synced, one process, own threads",
    "etcd, 3 processes and a client",
)
BENCHMARKS = {"1": "net_one_by_one", "64": "net_64", "5,000": "net_pipelined"}


def test_the_table_has_the_ratios_that_were_recorded() -> None:
    rows = [re.findall(r"[\d.,]+", row) for row in re.findall(r"^\|(?: [\d.,]+ \|)+$", PAGE, re.MULTILINE)]
    assert [row[0] for row in rows] == [*BENCHMARKS]
    for under_way, *ratios in rows:
        recorded = json.loads((ROOT / "benchmarks" / "results" / f"{BENCHMARKS[under_way]}.json").read_text())
        assert [float(ratio) for ratio in ratios] == [recorded["ratios"][peer] for peer in PEERS]


def test_the_commands_of_the_page_can_be_given() -> None:
    lines = re.findall(r"^python -m lessons\.net ((?:.*\\\n)*.*)$", PAGE, re.MULTILINE)
    assert len(lines) >= 5
    for line in lines:
        parser().parse_args(line.replace("\\\n", " ").split())
