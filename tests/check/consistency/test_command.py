"""The command line: a file is judged, and the exit code says how."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lessons.check.__main__ import main
from lessons.check.histories import to_json
from lessons.trace import Operation
from tests.check.consistency.worlds import op

ETCD = "1 :invoke :write 1\n1 :ok :write 1\n2 :invoke :read nil\n2 :ok :read {}\n"
KV = (
    '{{:process 0, :type :invoke, :f :append, :key "k", :value "a"}}\n'
    '{{:process 0, :type :ok, :f :append, :key "k", :value "a"}}\n'
    '{{:process 0, :type :invoke, :f :get, :key "k", :value nil}}\n'
    '{{:process 0, :type :ok, :f :get, :key "k", :value "{}"}}\n'
)


def hard() -> list[Operation]:
    """Many concurrent enqueues, and a dequeue that fits none of their orders."""
    return [*(op(f"c{n}", f"enqueue {n}", 0, 1) for n in range(9)), op("bob", "dequeue", 2, 3, 99)]


@pytest.mark.parametrize(
    ("text", "options", "code", "said"),
    [
        (ETCD.format(1), ["--format", "jepsen-etcd"], 0, "This history of 2 operations is linearizable."),
        (ETCD.format(7), ["--format", "jepsen-etcd"], 1, "Lines 1 to 4: no order of these operations is right"),
        (ETCD.format(""), ["--format", "jepsen-etcd"], 2, "line 4: it has 3 values"),
        (ETCD.format(1), ["--format", "jepsen-etcd", "--model", "queue"], 2, "line 1: name is 'write': Queue() has"),
        (KV.format("a"), ["--format", "jepsen-kv"], 0, "is linearizable."),
        (KV.format("b"), ["--format", "jepsen-kv"], 1, "is not linearizable at 'k'."),
        (to_json([op("ann", "read", 0, 1)], "register"), [], 0, "is linearizable."),
        (to_json([op("ann", "read", 0, 1, 7)], "register"), [], 1, "is not linearizable."),
        (to_json([op("ann", "read", 0, 1, 7)]), ["--model", "register"], 1, "is not linearizable."),
        (to_json([op("ann", "read", 0, 1, 7)]), [], 2, "line 1: the file names no model: choose --model from register"),
        (to_json([], "heap"), [], 2, "line 1: there is no model 'heap': choose --model from register"),
        ('{"operations": [\n7]}', [], 2, "line 2: 7 is no operation"),
        (to_json([op("ann", "read 1", 0, 1)], "register"), [], 2, "line 2: args is (1,): read has 0"),
        (to_json(hard(), "queue"), ["--states", "100"], 3, "the limit of 100 configurations was reached"),
        (to_json(hard(), "queue"), ["--seconds", "0.000001"], 3, "the limit of 1e-06 seconds was reached"),
    ],
)
def test_the_exit_code_says_what_came_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, options: list[str], code: int, said: str
) -> None:
    file = tmp_path / "history"
    file.write_text(text)
    assert main(["linearizable", str(file), *options]) == code
    out, err = capsys.readouterr()
    assert said in (err if code == 2 else out) and str(file) in out + err


def test_of_several_files_the_worst_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"good": ETCD.format(1), "bad": ETCD.format(7), "odd": "1 :ok :read 1"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    paths = {name: str(tmp_path / name) for name in files}
    judge = ["linearizable", "--format", "jepsen-etcd"]
    assert main([*judge, paths["good"], paths["bad"]]) == 1
    assert main([*judge, paths["odd"], paths["bad"], paths["good"]]) == 2
    assert len([line for line in capsys.readouterr().out.splitlines() if "This history" in line]) == 4


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["linearizable", str(tmp_path / "none")]) == 2
    assert "none: No such file or directory" in capsys.readouterr().err


def test_the_picture_is_written_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "history").write_text(ETCD.format(7))
    picture = tmp_path / "picture.svg"
    main(["linearizable", str(tmp_path / "history"), "--format", "jepsen-etcd", "--svg", str(picture)])
    ElementTree.fromstring(picture.read_text(encoding="utf-8"))


def test_a_picture_that_can_not_be_written_is_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "history").write_text(to_json([op("ann", "write 1", 0, 1)], "register"))
    place = tmp_path / "nowhere" / "picture.svg"
    assert main(["linearizable", str(tmp_path / "history"), "--svg", str(place)]) == 2
    said = capsys.readouterr()
    assert "is linearizable" in said.out and f"{place}: No such file or directory" in said.err


@pytest.mark.parametrize("option", [["--seconds", "0"], ["--states", "-1"], ["--seconds", "nan"], ["--states", "x"]])
def test_a_limit_is_a_positive_number(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["linearizable", "file", *option])
    assert caught.value.code == 2
    assert f"argument {option[0]}: invalid positive number value: '{option[1]}'" in capsys.readouterr().err


def test_a_console_that_knows_ascii_only_gets_escapes(tmp_path: Path) -> None:
    (tmp_path / "history").write_text(to_json([op("änn", "read", 0, 1, 7)], "register"))
    command = [sys.executable, "-m", "lessons.check", "linearizable", str(tmp_path / "history")]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1 and b"read() of \\xe4nn can answer None, but not 7." in done.stdout


def test_a_reader_that_goes_away_is_no_verdict(tmp_path: Path) -> None:
    file = tmp_path / "history.log"
    file.write_text(ETCD.format(7))
    command = [sys.executable, "-m", "lessons.check", "linearizable", str(file), "--format", "jepsen-etcd"]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
