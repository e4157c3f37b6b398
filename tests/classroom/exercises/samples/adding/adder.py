"""Add up what arrives.

Write an `Adder` whose `add` returns the total of everything it was given so far.
Numbers below 0 are refused with ValueError, and leave the total as it is.

A total of 0 is there before anything was added.
"""

from collections.abc import Callable, Iterator

from lessons.node import message
from lessons.trace import Delivered, Rule, Sent, Started, Trace, Violated

LEVEL = 2
MINUTES = 10
HINTS = ["Keep the total in a field.", "Check the number before you change anything."]


class Adder:
    """Keeps a total."""

    def __init__(self) -> None: ...

    def add(self, number: int) -> int: ...


class Solved(Adder):
    """Checks first, then adds."""

    def __init__(self) -> None:
        self.total = 0

    def add(self, number: int) -> int:
        if number < 0:
            raise ValueError(f"number is {number}: it must be 0 or more")
        self.total += number
        return self.total


class Forgets(Solved):
    def add(self, number: int) -> int:
        return super().add(number) - self.total + number


class AddsFirst(Solved):
    def add(self, number: int) -> int:
        self.total += number
        if number < 0:
            raise ValueError("too late")
        return self.total


stub = Adder
solution = Solved
BUGS = {"returns the number and not the total": Forgets, "changes the total before it refuses": AddsFirst}


@message
class Add:
    number: int


class Disproved(AssertionError):
    """A claim that a run disproves."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


def samples(attempt: type[Adder]) -> Iterator[Callable[[], None]]:
    def the_total_grows() -> None:
        adder = attempt()
        answers = [adder.add(2), adder.add(3)]
        if answers != [2, 5]:
            raise Disproved(f"adding 2 and 3 gave {answers}, not [2, 5]", run_of(answers))

    def a_refused_number_leaves_the_total() -> None:
        adder = attempt()
        try:
            adder.add(-1)
        except ValueError:
            pass
        else:
            raise AssertionError("adding -1 was not refused")
        assert adder.add(0) == 0, "after -1 was refused the total is no longer 0"

    return iter([the_total_grows, a_refused_number_leaves_the_total])


def run_of(answers: list[int]) -> Trace:
    """The run in which the adder answered so."""
    why = f"the answers were {answers}"
    events = (
        Started(0, 0.0, "adder"),
        Sent(1, 0.1, "adder", "adder", Add(2), 0.2, None),
        Delivered(2, 0.2, "adder", "adder", Add(2), 1, False),
        Violated(3, 0.2, "", "Grows", why),
    )
    rules = (Rule("Grows", "The total grows."),)
    return Trace.of(events, nodes={"adder": "Adder"}, seed=1, end=0.2, invariants=rules)
