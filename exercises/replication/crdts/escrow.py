"""Sell 10 units and never 11.

A counter that anybody may decrease can't stay above 0: two replicas sell the last unit at once. Escrow divides the
units beforehand. Each replica sells from its own share without asking anybody; and a replica may give units of its
share to another one.

Write the state `Escrow`. `given` maps a pair of replicas to the units that the first has given to the second so far;
what a replica has at first is given by itself, to itself. `sold` maps a replica to the units that it has sold so far.
Both only grow.

`left(replica)` is what a replica may still sell: at first, and received, less given away, less sold. `sell` and `give`
do what they say and return True, or change nothing and return False when not enough is left. `merge` takes in all that
another state knows. `value` is what nobody has sold yet. (Balegas et al. 2015, "Extending Eventually Consistent Cloud
Databases for Enforcing Numeric Invariants".)
"""

from collections.abc import Callable, Iterator, Mapping
from random import Random

LEVEL = 3
MINUTES = 40
HINTS = [
    "Only ann writes the entries of ann: `sold['ann']` and `given['ann', ...]`. So the larger of two values is the "
    "later one, and a merge takes it.",
    "`left` is the sum of `given[x, replica]` over all x, less the sum of `given[replica, y]` over all y that are not "
    "the replica itself, less `sold[replica]`.",
    "`give` to oneself must change nothing: it would make units.",
]


class Escrow:
    """Units that are divided among replicas."""

    def __init__(self, shares: Mapping[str, int]) -> None:
        self.given = {(name, name): units for name, units in shares.items()}
        self.sold = dict.fromkeys(shares, 0)

    def left(self, replica: str) -> int: ...

    def sell(self, replica: str, units: int = 1) -> bool: ...

    def give(self, replica: str, to: str, units: int) -> bool: ...

    def merge(self, other: "Escrow") -> None: ...

    @property
    def value(self) -> int: ...


class Solved(Escrow):
    def left(self, replica: str) -> int:
        received = sum(units for (_, to), units in self.given.items() if to == replica)
        away = sum(units for (by, to), units in self.given.items() if by == replica != to)
        return received - away - self.sold[replica]

    def sell(self, replica: str, units: int = 1) -> bool:
        if units > self.left(replica):
            return False
        self.sold[replica] += units
        return True

    def give(self, replica: str, to: str, units: int) -> bool:
        if units > self.left(replica) or to == replica:
            return False
        self.given[replica, to] = self.given.get((replica, to), 0) + units
        return True

    def merge(self, other: Escrow) -> None:
        for pair, units in other.given.items():
            self.given[pair] = max(units, self.given.get(pair, 0))
        for name, units in other.sold.items():
            self.sold[name] = max(units, self.sold.get(name, 0))

    @property
    def value(self) -> int:
        return sum(units for (by, to), units in self.given.items() if by == to) - sum(self.sold.values())


class SellsByValue(Solved):
    def sell(self, replica: str, units: int = 1) -> bool:
        if units > self.value:
            return False
        self.sold[replica] += units
        return True


class GivesWhatIsSold(Solved):
    def left(self, replica: str) -> int:
        return Solved.left(self, replica) + self.sold[replica]

    def sell(self, replica: str, units: int = 1) -> bool:
        if units > Solved.left(self, replica):
            return False
        self.sold[replica] += units
        return True


class AddsUp(Solved):
    def merge(self, other: Escrow) -> None:
        for pair, units in other.given.items():
            self.given[pair] = max(units, self.given.get(pair, 0))
        for name, units in other.sold.items():
            self.sold[name] = self.sold.get(name, 0) + units


class ForgetsGifts(Solved):
    def merge(self, other: Escrow) -> None:
        for name, units in other.sold.items():
            self.sold[name] = max(units, self.sold.get(name, 0))


class MakesUnits(Solved):
    def give(self, replica: str, to: str, units: int) -> bool:
        if units > self.left(replica):
            return False
        self.given[replica, to] = self.given.get((replica, to), 0) + units
        return True


stub = Escrow
solution = Solved
BUGS = {
    "sells what another replica may be selling": SellsByValue,
    "gives away what it has sold": GivesWhatIsSold,
    "adds up when it merges": AddsUp,
    "does not hear of gifts": ForgetsGifts,
    "makes units by giving them to itself": MakesUnits,
}

NAMES = ("ann", "bob", "eve")


def samples(attempt: type[Escrow]) -> Iterator[Callable[[], None]]:
    def shop(first: int = 10) -> list[Escrow]:
        return [attempt({"ann": first, "bob": 0, "eve": 0}) for _ in NAMES]

    def a_share_is_sold_and_no_more() -> None:
        state = attempt({"ann": 2, "bob": 1})
        did = [state.sell("ann"), state.sell("ann"), state.sell("ann"), state.sell("bob", 2), state.sell("bob")]
        assert did == [True, True, False, False, True], f"selling 1, 1, 1 of ann's 2 and 2, 1 of bob's 1 gave {did}"
        assert state.value == 0, f"everything is sold, and the value is {state.value}"

    def a_gift_moves_units_and_makes_none() -> None:
        state = attempt({"ann": 5, "bob": 0})
        assert state.give("ann", "bob", 3) is True, "ann has 5, and can't give 3"
        assert (state.left("ann"), state.left("bob"), state.value) == (2, 3, 5), "after a gift of 3, 2 and 3 are left"
        assert state.give("ann", "bob", 3) is False, "ann has 2, and gave 3"
        state.give("bob", "bob", 3)
        assert state.left("bob") == 3, f"bob gave 3 units to himself, and has {state.left('bob')}"

    def merging_again_changes_nothing() -> None:
        here, there, _ = shop()
        here.give("ann", "bob", 4)
        here.sell("ann", 2)
        for _ in range(3):
            there.merge(here)
        assert (there.value, there.left("bob"), there.left("ann")) == (8, 4, 4), (
            "a state that came 3 times counts 3 times"
        )

    def of_400_random_schedules_none_sells_too_much() -> None:
        for seed in range(400):
            rng, states, sold = Random(seed), shop(), 0
            for _ in range(60):
                at, other = rng.sample(range(3), 2)
                action = rng.random()
                if action < 0.4:
                    sold += 2 * states[at].sell(NAMES[at], 2) if rng.random() < 0.3 else states[at].sell(NAMES[at])
                elif action < 0.6:
                    states[at].give(NAMES[at], NAMES[other], rng.randint(1, 3))
                else:
                    states[at].merge(states[other])
                assert sold <= 10, f"with seed {seed} {sold} of 10 units were sold"
            for at in (0, 1, 2, 0, 1):
                for state in states:
                    states[at].merge(state)
            values = {state.value for state in states}
            assert values == {10 - sold}, (
                f"with seed {seed} {sold} of 10 units were sold, and the replicas show {values}"
            )
            while any(state.sell(name) for state, name in zip(states, NAMES, strict=True)):
                sold += 1
            assert sold == 10, f"with seed {seed} only {sold} of 10 units could be sold in the end"

    return iter(
        [
            a_share_is_sold_and_no_more,
            a_gift_moves_units_and_makes_none,
            merging_again_changes_nothing,
            of_400_random_schedules_none_sells_too_much,
        ]
    )
