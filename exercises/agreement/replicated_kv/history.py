"""Draw the history that tells stale reads from linearizable ones.

A replica that answers from what it has gives old values, and never values that nobody has written. Every client may
find that in order, as long as clients don't compare notes. Then what is lost?

Write `history()`: return a drawing of at most 3 operations, all of them answered, on the key `x`, which has no value at
first. It must not be linearizable, although it is sequentially consistent: there is one order of all operations that
explains every answer and keeps the order of each client.

A drawing has a line for each client. An operation stands in brackets, and reaches from its call to its return:

    ann  [put x 1]    [get x = 1]
    bob        [get x = None]
"""

from collections.abc import Callable, Iterator

from lessons.check import linearizable, models, sequentially_consistent, sketch
from lessons.trace import Operation

LEVEL = 1
MINUTES = 10
HINTS = [
    "Two clients, one write and one read are enough.",
    "Linearizability adds one thing to sequential consistency: if one operation has returned before another is called, "
    "it comes first, also when they are of different clients.",
]

History = Callable[[], str]


def history() -> str: ...  # type: ignore[empty-body]


def too_late() -> str:
    return """
        bob  [put x 1]
        ann             [get x = None]
    """


def at_the_same_time() -> str:
    return """
        bob  [put x 1     ]
        ann        [get x = None]
    """


def of_one_client() -> str:
    return """
        ann  [put x 1]  [get x = None]
    """


def made_up() -> str:
    return """
        bob  [put x 1]
        ann             [get x = 2]
    """


def there_and_back() -> str:
    return """
        bob  [put x 1]
        ann             [get x = 1]  [get x = None]
    """


def unanswered() -> str:
    return """
        bob  [put x 1 ...
        ann             [get x = 1]
        cat                           [get x = None]
    """


stub = history
solution = too_late
BUGS = {
    "at the same time": at_the_same_time,
    "of one client": of_one_client,
    "a value that nobody wrote": made_up,
    "there and back": there_and_back,
    "without an answer": unanswered,
}


def samples(attempt: History) -> Iterator[Callable[[], None]]:
    def drawn() -> tuple[Operation, ...]:
        found = attempt()
        assert isinstance(found, str), f"history() gave `{found!r}`: it must be a drawing, a text"
        return sketch(found)

    def it_has_three_operations_at_most_and_all_are_answered() -> None:
        found = drawn()
        assert 0 < len(found) <= 3, f"there are {len(found)} operations in your drawing: 1 to 3 are allowed"
        assert all(each.outcome == "ok" for each in found), "every operation must have its answer"

    def it_is_sequentially_consistent() -> None:
        judged = sequentially_consistent(drawn(), models.KeyValue())
        assert judged, f"no order that keeps each client's own explains these answers: {judged.why}"

    def it_is_not_linearizable() -> None:
        assert not linearizable(drawn(), models.KeyValue()), "one copy could have given these answers in these times"

    return iter(
        [
            it_has_three_operations_at_most_and_all_are_answered,
            it_is_sequentially_consistent,
            it_is_not_linearizable,
        ]
    )
