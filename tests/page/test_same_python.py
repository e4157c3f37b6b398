"""The same Python in the reader's browser: tests, golden transcripts and whole chapters, byte for byte, in Pyodide."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.page.chapters import compared
from tests.page.inside import AT_HOME, ROOT, Inside

# All but the one that tests/page/browser/test_run_this_page.py runs in a browser.
CHAPTERS = sorted(path for path in (ROOT / "notebooks").glob("*/*.ipynb") if path.stem != "simulation")
TESTS = (
    "tests/node",
    "tests/trace",
    "tests/sim/test_identity.py",
    "tests/sim/test_clocks.py",
    "tests/sim/test_disk.py",
    "tests/sim/test_lives.py",
    "tests/sim/test_network.py",
    "tests/sim/test_nemesis.py",
    "tests/sim/test_replay.py",
    "tests/agreement/raft/test_stories.py",
    "tests/agreement/replicated_kv/test_stories.py",
    "tests/replication/crdts/test_broadcast.py",
    "tests/replication/crdts/test_gossip.py",
    "tests/partitioning/hash_ring/test_hashing.py",
    "tests/partitioning/hash_ring/test_runs.py",
    "tests/page/test_cells.py",
)
# A page has no other processes, and its own loop runs already.
NOT_THERE = (
    "tests/node/test_workflows.py::test_awaiting_a_sleep_of_asyncio_is_refused_also_where_its_loop_runs",
    "tests/sim/test_identity.py::test_the_stories_do_not_depend_on_hashes",
    "tests/partitioning/hash_ring/test_hashing.py::test_another_process_with_another_hash_seed_finds_the_same_values",
)
# Sweeps over many seeds, which say nothing of Python that the golden transcripts of single runs do not say.
SWEEPS = ("seed_of", "tombstones_go_once", "five_replicas_under")


def test_the_core_and_its_transcripts_are_the_same_in_a_page(inside: Inside) -> None:
    left_out = [f"--deselect={name}" for name in NOT_THERE]
    done = inside.pytest([*TESTS, *left_out, "-k", f"not ({' or '.join(SWEEPS)})"])
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-1000:]}"


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_gives_the_stored_outputs_in_a_page(inside: Inside, notebook: Path) -> None:
    code = f"""
from pathlib import Path
from tests.page.chapters import differences
found = await differences(Path({str(notebook.relative_to(ROOT))!r}))
print("\\n".join(found))
len(found) > 0
"""
    done = inside.run(AT_HOME + code)
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-1000:]}"


def test_a_change_in_any_output_is_seen() -> None:
    stream = {"output_type": "stream", "text": "one\n"}
    result = {"output_type": "execute_result", "data": {"text/plain": "1", "text/html": "<b>1</b>"}}
    assert list(compared([stream, result], [stream, result])) == []
    other = {"output_type": "execute_result", "data": {"text/plain": "1", "text/html": "<b>2</b>"}}
    assert list(compared([stream, result], [stream, other])) == ["text/html has '<b>1</b>', stored is '<b>2</b>'"]
    (words,) = compared([stream], [stream, result])
    assert words.startswith("gives ['stream']")
