"""Requests to the Python of a page: JSON in, JSON out; a bad one is answered in words."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lessons import lab
from lessons.page import Cells, answerer


@pytest.fixture
def ask() -> Iterator[Callable[..., dict[str, Any]]]:
    main = sys.modules["__main__"]
    answer = answerer()

    def asked(request: object, news: Callable[[str], bool] = lambda text: False) -> dict[str, Any]:
        text = request if isinstance(request, str) else json.dumps(request)
        said = json.loads(asyncio.run(answer(text, news)))
        assert isinstance(said, dict)
        return said

    yield asked
    sys.modules["__main__"] = main


def test_a_cell_is_run_and_the_next_one_knows_of_it(ask: Callable[..., dict[str, Any]]) -> None:
    assert ask({"kind": "run", "payload": {"cell": 1, "source": "x = 4"}}) == {"answer": {"outputs": []}}
    said = ask({"kind": "run", "payload": {"cell": 2, "source": "x"}})
    assert said["answer"]["outputs"] == [{"output_type": "execute_result", "data": {"text/plain": "4"}}]


def test_a_lab_answers_as_it_does_everywhere(ask: Callable[..., dict[str, Any]]) -> None:
    wish = {"do": "open", "lab": lab.chapters()[0]}
    said, other = ask({"kind": "lab", "payload": wish})["answer"], json.loads(json.dumps(lab.answer(wish)))
    assert said | {"serial": 0} == other | {"serial": 0}


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"kind": "shell", "payload": {}}, "kind is 'shell': it must be 'run' or 'lab'"),
        ({"kind": "run"}, "payload is None: it must be an object"),
        ([], "payload is None: it must be an object"),
        ({"kind": "run", "payload": {"cell": 1}}, "source is None: it must be the text of a cell"),
        ({"kind": "run", "payload": {"source": "1", "cell": "1"}}, "cell is '1': it must be the number of a cell"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(ask: Callable[..., dict[str, Any]], request_: object, words: str) -> None:
    problem = ask(request_)["problem"]
    assert problem["name"] == "BadRequest"
    assert problem["text"].startswith(words)


def test_what_is_no_json_is_a_problem_too(ask: Callable[..., dict[str, Any]]) -> None:
    assert ask("{")["problem"]["name"] == "JSONDecodeError"


def test_a_reader_who_does_not_want_the_answer_gets_none(ask: Callable[..., dict[str, Any]]) -> None:
    source = "import time\nfor each in range(50):\n    time.sleep(0.02)\n    print(each)"
    heard: list[str] = []

    def stop(news: str) -> bool:
        heard.append(news)
        return True

    said = ask({"kind": "run", "payload": {"cell": 1, "source": source}}, stop)
    assert said["answer"]["outputs"][-1]["ename"] == "Stopped"
    assert len(heard) == 1


def test_an_interrupt_that_comes_before_the_cell_is_a_problem_with_a_name(
    ask: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Cells, "run", interrupted)
    said = ask({"kind": "run", "payload": {"cell": 1, "source": "1"}})
    assert said == {"problem": {"name": "KeyboardInterrupt", "text": "KeyboardInterrupt"}}
