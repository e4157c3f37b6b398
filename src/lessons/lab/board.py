"""Boards: labs of things that no simulation runs, such as a ring of nodes: each action is one step, drawn by Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from lessons.lab import page
from lessons.lab.asks import ask, checked, fields_of, wishes_of
from lessons.lab.fields import Refused
from lessons.lab.lab import Declared
from lessons.lab.offers import Offer
from lessons.lab.runs import Progress
from lessons.lab.shown import Shown
from lessons.lab.state import State, demand
from lessons.lab.worlds import Worlds
from lessons.sim import Action

FORMAT = "lessons-board/1"


class Board(Protocol):
    """What can be acted on: its methods that begin with ``ask_`` are the actions, ``names`` is what they can name.

    A method changes the board at once, or raises ValueError and changes nothing. The board shows itself as it is, with
    what the last action has changed: as HTML in which every name is escaped, and as text, which a screen reader hears.
    """

    names: tuple[str, ...]

    def _repr_mimebundle_(self) -> dict[str, str]: ...


class BoardLab(Declared):
    """A board to act on, under the name ``part/chapter``; ``build`` makes it from a seed and parameters.

    For the other parameters see ``Lab``; ``opening`` are wishes with their arguments: ``[("add", ["eve", 2])]``.
    """

    build: Callable[..., Board]
    made = "board"

    def _actions(self, opening: Any) -> tuple[Action, ...]:
        """The opening as actions, one a step."""
        return tuple(_step(number, wish, args) for number, (wish, args) in enumerate(opening, start=1))

    def _until(self, actions: tuple[Action, ...]) -> float:
        return float(len(actions))

    def board(self, state: State) -> Board:
        """The board after all actions of a state; raises Refused for one that it refuses."""
        board = self.make(state.seed, **state.parameters)
        for number, action in enumerate(state.actions, start=1):
            demand(action.at == number, f"at is {action.at:g}: action {number} of a board is step {number}")
            self._do(board, action)
        made: Board = board
        return made

    def _do(self, board: Board, action: Action) -> None:
        """Do an action; raises Refused."""
        known, wish = wishes_of(type(board)), action.args.get("wish")
        demand(wish in known, f"wish is {wish!r}: it must be one of {', '.join(known)}")
        method = known[str(wish)]
        given = checked(method, self.hints.get(str(wish), {}), action.args.get("args", ()))
        try:
            method(board, *given)
        except (TypeError, ValueError) as error:
            raise Refused(f"{wish}: {error}") from error

    def show(
        self, state: State, worlds: Worlds, progress: Progress | None = None, before: Shown | None = None
    ) -> Shown:
        """See ``Declared``."""
        return ShownBoard(self, state)

    def call(self, action: Action) -> str:
        """See ``Declared``."""
        given = ", ".join(map(repr, action.args["args"]))
        return f"board.ask_{action.args['wish']}({given})"

    def shown_by(self, state: State) -> str:
        """See ``Declared``."""
        return "board"

    def html(self) -> str:
        """See ``Declared``."""
        drawn = self.board(self.start)._repr_mimebundle_()["text/html"]
        return page.html(self.name, page.board(self.id, self.title, self.caption, drawn))

    def text(self) -> str:
        """See ``Declared``."""
        return f"{self.title}\n{self.caption}\n\n{self.board(self.start)._repr_mimebundle_()['text/plain']}"

    def first_document(self) -> dict[str, Any]:
        """See ``Declared``."""
        return ShownBoard(self, self.start).document


class ShownBoard(Shown):
    """A board after its actions; event 0 is its beginning, and each action is one more."""

    def __init__(self, lab: BoardLab, state: State) -> None:
        self.lab, self.state, self.length = lab, state, len(state.actions) + 1
        forms = lab.board(state)._repr_mimebundle_()
        self.document = {
            "format": FORMAT, "id": lab.id, "title": lab.title, "caption": lab.caption,
            "html": forms["text/html"], "text": forms["text/plain"], "length": self.length,
        }  # fmt: skip

    def time(self, index: int) -> float:
        """See ``Shown``."""
        return float(index)

    def nodes(self, index: int) -> list[dict[str, Any]]:
        """See ``Shown``."""
        return []

    def offers(self, index: int) -> Iterator[Offer]:
        """See ``Shown``."""
        board = self.lab.board(self.state.fork(index))
        for wish, method in wishes_of(type(board)).items():
            fields = {**fields_of(method), **self.lab.hints.get(wish, {})}
            yield ask("", wish, method, fields, list(board.names))

    def places(self) -> list[int]:
        """See ``Shown``."""
        return list(range(1, self.length))

    def acted(self, index: int, offer: Offer, values: dict[str, Any]) -> State:
        """See ``Shown``."""
        step = index + 1.0
        return self.state.fork(index, offer.action(step, values)).until_at(step)

    def on(self) -> State:
        """See ``Shown``."""
        raise Refused("a board can't go on by itself: act")


def _step(number: int, wish: str, args: list[Any]) -> Action:
    return Action(float(number), "ask", {"client": "", "wish": wish, "args": list(args)})
