"""The Python that a lab shows makes the very run that it shows."""

from __future__ import annotations

from random import Random

import pytest

from lessons.lab import Lab
from lessons.lab.words import fault_call, program, sentence
from lessons.sim import Action
from tests.lab.labs import LABS, desk
from tests.lab.test_desk import walk


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", LABS)
def test_the_python_of_a_run_makes_it_again(name: str, seed: int) -> None:
    replies = walk(desk(), Random(seed), 6, name)
    reply = [each for each in replies if "has failed" not in each["ends"]][-1]
    lab = LABS[name]
    text = desk().answer({"do": "program", "state": reply["state"]})["text"]
    first, *rest = text.splitlines()
    assert first == f"from lessons.{name.replace('/', '.')}.lab import LAB"
    *body, last = rest
    names = {"LAB": lab}
    exec("\n".join([*body, f"shown = {last}"]), names)  # the text is ours
    shown = names["shown"]
    if isinstance(lab, Lab):
        assert shown.document == reply["document"]  # type: ignore[attr-defined]
    else:
        assert shown._repr_mimebundle_()["text/html"] == reply["document"]["html"]


def test_the_arguments_of_an_action_stand_in_the_order_of_its_fault_in_whatever_order_a_file_has_them() -> None:
    assert fault_call(Action(1.0, "cut", {"to": "b", "sender": "a"})) == "cut('a', 'b')"
    assert fault_call(Action(1.0, "partition", {"groups": [["a"], ["b", "c"]]})) == "partition(['a'], ['b', 'c'])"


def test_a_run_that_was_cut_off_is_no_longer_in_python_either() -> None:
    state = LABS["tests/counters"].start
    assert program(LABS["tests/counters"], state).endswith("LAB.play(sim.run(until=0.6))\n")


@pytest.mark.parametrize(
    ("name", "args", "text"),
    [
        ("crash", {"node": "n2"}, "crash n2"),
        (
            "ask",
            {"client": "ann", "wish": "change_members", "args": [["n1"], True]},
            "ask ann: change members ['n1'], True",
        ),
        ("partition", {"groups": [["a", "b"], ["c"]]}, "partition a, b | c"),
        ("partition", {"groups": ["n1", ["n2"]]}, "partition n1 | n2"),
        ("partition", {}, "partition"),
        ("cut", {"sender": "a", "to": "b"}, "cut a to b"),
        ("drop", {"sender": "a", "to": "b", "number": 3}, "drop message 3 from a to b"),
        ("delay", {"sender": "a", "to": "b", "number": 3, "seconds": 0.1}, "delay message 3 from a to b by 0.1 s"),
        ("step_clock", {"node": "a", "seconds": -1.0}, "step clock a seconds -1"),
        ("limit_disk", {"node": "a", "capacity": None}, "limit disk a capacity None"),
        ("weather", {}, "weather"),
        ("heal", {}, "heal"),
    ],
)
def test_an_action_in_words(name: str, args: dict[str, object], text: str) -> None:
    assert sentence(Action(1.0, name, args)) == text
