"""A lab is declared as data; what does not fit is refused at once."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.lab import Choice, Lab, Refused, Whole
from lessons.sim import Simulation
from tests.lab.labs import COUNTERS, SHELF, Counter, counters


def declared(**changes: Any) -> Lab:
    given: dict[str, Any] = {"title": "T", "caption": "C.", "horizon": 1.0, **changes}
    return Lab(given.pop("name", "a/b"), counters, **given)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"name": "a"}, "name is 'a': it must be part/chapter"),
        ({"horizon": 0}, "horizon is 0: it must be over 0 seconds"),
        ({"parameters": {"colour": Whole()}}, "parameters has 'colour': <function counters"),
        ({"parameters": {"seed": Whole(5, 9)}}, "seed is 1: it must be a whole number from 5 to 9"),
        ({"parameters": {"servers": Whole(5, 9)}}, "servers is 3: it must be a whole number from 5 to 9"),
    ],
)
def test_what_does_not_fit_is_refused_when_it_is_declared(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError) as refused:
        declared(**changes)
    assert str(refused.value).startswith(text)


def test_a_world_that_is_built_with_faults_is_no_lab() -> None:
    def build(seed: int | str = 1) -> Simulation:
        sim = counters(seed)
        sim.at(0.3).crash("a")
        return sim

    lab = Lab("a/b", build, title="T", caption="C.", horizon=1.0)
    with pytest.raises(ValueError, match="build plans crash: what happens in a lab is its opening"):
        lab.run()


def test_a_choice_without_the_default_is_refused() -> None:
    with pytest.raises(LookupError):
        declared(parameters={"kind": Choice({"other": Refused})})


def test_a_world_is_made_by_hand_from_plain_parameters() -> None:
    sim = COUNTERS.make(7, servers=2, kind="counter")
    assert list(sim.kinds) == ["a", "b", "ann"] and sim.kinds["a"] is Counter
    with pytest.raises(Refused, match="servers is 0"):
        COUNTERS.make(7, servers=0)


def test_the_static_form_is_the_player_of_the_first_run() -> None:
    html = COUNTERS.html()
    assert html.startswith('<div class="lesson-lab" data-lab="tests/counters">')
    assert 'id="player-lab-tests-counters"' in html and 'data-lesson="1"' in html
    assert COUNTERS.text().startswith("Counters\nThree counters tell")


def test_the_static_form_of_a_board_is_what_it_draws() -> None:
    assert '<div class="lesson-board"><p>Emma</p></div><figcaption>One book.</figcaption>' in SHELF.html()
    assert SHELF.text().splitlines()[-1] == "Emma"


def test_a_cell_without_kernel_gets_text_and_html() -> None:
    assert set(COUNTERS._repr_mimebundle_()) == {"text/plain", "text/html"}
