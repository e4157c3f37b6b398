"""Find the history that tells stale reads from linearizable ones.

A replica that answers from what it has gives old values, and never values that nobody has written. Every client may
find that in order, as long as clients don't compare notes. Then what is lost?

Write `history()`: a list of at most 3 operations on the key `x`, none of them under way at the end, that is not
linearizable although it is sequentially consistent: there is one order of all operations that explains every answer
and keeps the order of each client.

`put(client, value, called, returned)` is a write, and `get(client, value, called, returned)` a read that gave `value`;
`None` is no value, which `x` has at first. Times are in seconds, and `called` comes before `returned`. Both are given.
"""

from collections.abc import Callable, Iterator
from itertools import count

from lessons.check import linearizable, models, sequentially_consistent
from lessons.trace import Operation

LEVEL = 1
MINUTES = 10
HINTS = [
    "Two clients, one write and one read are enough.",
    "Linearizability adds one thing to sequential consistency: if one operation has returned before another is called, "
    "it comes first, also when they are of different clients.",
]

History = Callable[[], list[Operation]]

_numbers = count(1)


def put(client: str, value: str, called: float, returned: float) -> Operation:
    return Operation(client, next(_numbers), "put", ("x", value), called, returned, "ok")


def get(client: str, value: str | None, called: float, returned: float) -> Operation:
    return Operation(client, next(_numbers), "get", ("x",), called, returned, "ok", value)


def history() -> list[Operation]: ...  # type: ignore[empty-body]


def too_late() -> list[Operation]:
    return [put("bob", "1", 0.0, 1.0), get("ann", None, 2.0, 3.0)]


def at_the_same_time() -> list[Operation]:
    return [put("bob", "1", 0.0, 2.0), get("ann", None, 1.0, 3.0)]


def of_one_client() -> list[Operation]:
    return [put("ann", "1", 0.0, 1.0), get("ann", None, 2.0, 3.0)]


def made_up() -> list[Operation]:
    return [put("bob", "1", 0.0, 1.0), get("ann", "2", 2.0, 3.0)]


def there_and_back() -> list[Operation]:
    return [put("bob", "1", 0.0, 1.0), get("ann", "1", 2.0, 3.0), get("ann", None, 4.0, 5.0)]


stub = history
solution = too_late
BUGS = {
    "at the same time": at_the_same_time,
    "of one client": of_one_client,
    "a value that nobody wrote": made_up,
    "there and back": there_and_back,
}


def samples(attempt: History) -> Iterator[Callable[[], None]]:
    def it_has_three_operations_at_most() -> None:
        found = attempt()
        assert isinstance(found, list) and 0 < len(found) <= 3, f"history() gave `{found!r}`: 1 to 3 operations"
        assert all(isinstance(each, Operation) for each in found), "build it with `put` and `get`"
        assert all(each.returned is not None and each.called < each.returned for each in found), (
            "every operation must be called before it returns"
        )

    def it_is_sequentially_consistent() -> None:
        verdict = sequentially_consistent(attempt(), models.KeyValue())
        assert verdict, f"no order that keeps each client's own explains these answers: {verdict.why}"

    def it_is_not_linearizable() -> None:
        verdict = linearizable(attempt(), models.KeyValue())
        assert not verdict, "a single copy could have given these answers in these times"

    return iter([it_has_three_operations_at_most, it_is_sequentially_consistent, it_is_not_linearizable])
