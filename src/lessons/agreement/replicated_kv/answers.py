"""What the store answers: results, and why something was not done."""

from __future__ import annotations

from typing import Any

from lessons.node import message


@message
class Record:
    """A key with its value: the revisions that made and last changed it, and how often it was written since.

    ``lease`` is the lease that it is attached to, 0 if none.
    """

    key: str
    value: str | bytes
    create: int
    modify: int
    version: int = 1
    lease: int = 0


@message
class Event:
    """What became of a key in a revision: its new record, or None when it was removed."""

    revision: int
    key: str
    record: Record | None


@message
class Changed:
    """So many keys were written or removed; ``revision`` is that of the whole store afterwards."""

    revision: int
    count: int


@message
class Found:
    """The records that were asked for, in the order of their keys; ``more`` says that the limit cut them off."""

    revision: int
    records: tuple[Record, ...]
    more: bool = False


@message
class Decided:
    """Whether a transaction's conditions held, and the answers to the steps of the branch that was taken."""

    revision: int
    succeeded: bool
    answers: tuple[Any, ...]


@message
class Granted:
    """A lease lives, for ``ttl`` seconds from this moment of the log on."""

    lease: int
    ttl: float


@message
class Leased:
    """A lease has ``left`` seconds to live, as of the time in the log, and these keys; ``more`` as in ``Found``."""

    lease: int
    ttl: float
    left: float
    keys: tuple[str, ...]
    more: bool = False


@message
class Opened:
    """A session is open, until it is silent for ``idle`` seconds or has more than ``answers`` requests under way."""

    session: int
    idle: float
    answers: int


@message
class Closed:
    """A session has ended."""

    session: int


@message
class Ticked:
    """It is at least this late."""

    time: float


# Nothing was done


@message
class Denied:
    """Nothing was done, and why; it would be the same again."""

    why: str


@message
class NoLease:
    """Nothing was done: there is no such lease, or not any more."""

    lease: int


@message
class NoSession:
    """Nothing was done now: there is no such session any more. An earlier copy of the request may have been done."""

    session: int


@message
class Forgotten:
    """Nothing was done now: the client has had the answer to this request, or has given it up."""

    number: int


Answer = (
    Changed | Found | Decided | Granted | Leased | Opened | Closed | Ticked | Denied | NoLease | NoSession | Forgotten
)
ANSWERS = (
    Changed, Found, Decided, Granted, Leased, Opened, Closed, Ticked, Denied, NoLease, NoSession, Forgotten,
)  # fmt: skip
