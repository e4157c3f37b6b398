"""The widget answers whatever it is asked, so that no front end waits for ever."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.lab.catalogue import find
from lessons.lab.widget import _set, make


def heard(request: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the widget of a lab says to a request."""
    widget, said = make(find("foundations/simulation")), []
    monkeypatch.setattr(widget, "send", said.append)
    try:
        widget._hear(widget, {"id": 7, "request": request}, [])
    except AttributeError:
        said.append("and failed")
    return said


def test_a_request_is_answered_under_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, last = heard({"do": "open", "lab": "foundations/simulation"}, monkeypatch)
    assert last["id"] == 7 and last["reply"]["state"]["lab"] == "foundations/simulation"


def test_a_request_that_fails_is_answered_all_the_same_and_the_kernel_shows_the_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, failed = heard("no request", monkeypatch)
    assert answer["reply"] == {"refused": "The kernel was interrupted, or has failed: see its output."}
    assert failed == "and failed"


@pytest.mark.parametrize(("text", "seed"), [("-7", -7), ("7", 7), ("--7", "--7"), ("a", "a")])
def test_a_seed_is_a_number_if_it_can_be(text: str, seed: int | str) -> None:
    live = make(find("foundations/simulation"))
    _set(live, "seed", text)
    assert live.settings["seed"] == seed
