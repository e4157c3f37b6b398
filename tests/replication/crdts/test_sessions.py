"""Recorded editing sessions end in the text that they must end in, at every replica."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from lessons.replication.crdts.__main__ import main
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.sessions import Replay, Session, read_session
from lessons.replication.crdts.text import GraphText, ListText
from lessons.replication.crdts.text.packing import pack, unpack

DATA = Path(__file__).with_name("data")
BOTH = pytest.mark.parametrize("kind", [ListText, GraphText])
# A folder with more sessions of the same format.
MORE = os.environ.get("LESSONS_EDITING_TRACES")


def part(session: Session, count: int) -> Session:
    """The first transactions, with the end that the reader of the list finds."""
    return Session(session.start, "", session.transactions[:count])


@BOTH
def test_two_authors_end_in_the_same_text(kind: Any) -> None:
    session = read_session(DATA / "duet.json")
    texts = Replay(session, kind).run()
    assert [text.value for text in texts] == [session.end] * 2
    assert texts[0] == texts[1]


@pytest.mark.parametrize(("name", "replicas"), [("sveltecomponent.json.gz", 1), ("friendsforever.json.gz", 2)])
def test_a_recorded_session_ends_in_its_text_at_every_replica(name: str, replicas: int) -> None:
    session = read_session(DATA / name)
    texts = Replay(session, GraphText).run()
    assert [text.value == session.end for text in texts] == [True] * replicas
    packed = pack(texts[0])
    assert len(packed) <= 2 * len(session.end.encode()) + session.edits
    assert unpack(packed).value == session.end
    assert all(pack(text) == packed for text in texts)


@pytest.mark.parametrize("name", ["sveltecomponent.json.gz", "friendsforever.json.gz"])
def test_the_readable_text_agrees_on_the_first_part_of_a_session(name: str) -> None:
    session = part(read_session(DATA / name), 1200)
    plain, fast = Replay(session, ListText).run(), Replay(session, GraphText).run()
    assert {text.value for text in (*plain, *fast)} == {plain[0].value}


@pytest.mark.skipif(MORE is None, reason="LESSONS_EDITING_TRACES names no folder with more editing traces")
def test_every_other_session_ends_in_its_text() -> None:
    for path in sorted(Path(str(MORE)).rglob("*.json.gz")):
        assert main(["replay", str(path)]) == 0, path.name


def concurrent(**changes: Any) -> dict[str, Any]:
    return {**json.loads((DATA / "duet.json").read_text()), **changes}


def written(folder: Path, data: Any) -> Path:
    path = folder / "session.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def test_a_session_may_begin_with_a_text(tmp_path: Path) -> None:
    data = {"startContent": "abc", "endContent": "axc", "txns": [{"patches": [[1, 1, "x"]]}]}
    assert [text.value for text in Replay(read_session(written(tmp_path, data)), GraphText).run()] == ["axc"]
    data["txns"][0] |= {"agent": 3, "parents": []}  # type: ignore[index]
    assert [text.value for text in Replay(read_session(written(tmp_path, data)), ListText).run()] == ["axc"]


def test_an_author_who_works_on_two_branches_at_once_is_two_replicas(tmp_path: Path) -> None:
    patches = [[[0, 0, "ab"]], [[0, 0, "1"]], [[2, 0, "2"]], [[0, 1, ""]]]
    parents = [[], [0], [0], [1, 2]]
    txns = [{"agent": 0, "parents": p, "patches": q} for p, q in zip(parents, patches, strict=True)]
    texts = Replay(read_session(written(tmp_path, {"endContent": "ab2", "txns": txns})), GraphText).run()
    assert [text.value for text in texts] == ["ab2", "ab2"]


def test_the_command_says_what_came_out_and_exits_with_0_only_if_it_is_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(DATA / "duet.json")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "duet.json: 6 edits, 2 replicas: right"
    assert "edits a second" in said[1] and "bytes packed with the whole history" in said[2]
    assert main(["replay", str(written(tmp_path, concurrent(endContent="another")))]) == 1
    assert "wrong at 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("{", "session.json must be JSON, gzipped or not"),
        ([], "session.json must be an object with txns"),
        (concurrent(endContent=None), "endContent is None: it must be a text"),
        (concurrent(txns=[7]), r"txns\[0\] is 7: it must be an object"),
        (concurrent(txns=[{"patches": [[0, 0]]}]), "is None: it must be a text"),
        (concurrent(txns=[{"patches": [[-1, 0, "x"]]}]), "is -1: it must be a whole number"),
        (concurrent(txns=[{"parents": [0], "patches": []}]), r"txns\[0\].parents has 0: a transaction comes after"),
    ],
)
def test_a_file_of_another_format_is_refused(tmp_path: Path, data: Any, words: str) -> None:
    with pytest.raises(BadState, match=words):
        read_session(written(tmp_path, data))
    assert main(["replay", str(tmp_path / "session.json")]) == 2


def test_a_damaged_archive_an_edit_out_of_reach_and_a_missing_file_end_with_2(tmp_path: Path) -> None:
    whole = gzip.compress(json.dumps(concurrent()).encode())
    (tmp_path / "cut.json.gz").write_bytes(whole[:-20])
    far = written(tmp_path, concurrent(txns=[{"patches": [[5, 0, "x"]]}]))
    for path in (tmp_path / "cut.json.gz", far, tmp_path / "nowhere.json"):
        assert main(["replay", str(path)]) == 2
    shutil.copy(DATA / "duet.json", tmp_path / "copy.json")
    assert main(["replay", str(tmp_path / "copy.json")]) == 0
