"""What can go wrong between processes, each error saying what to do about it."""

from __future__ import annotations

from lessons.node import LessonsError


class Malformed(LessonsError, ValueError):
    """Bytes that are no message of ours: of an unknown class, with other fields, or with values of other types."""


class Refused(LessonsError, ConnectionError):
    """One side does not want to talk with the other: other cluster, other secret, other version."""


class BadAddress(LessonsError, ValueError):
    """An address that can't be bound or dialled, or must not be."""


class StorageLocked(LessonsError, OSError):
    """Another process uses this folder."""


class StorageFailed(LessonsError, OSError):
    """The disk did not keep what it was told to keep: the node must stop, for nobody knows what is there."""


class UnknownCluster(LessonsError, LookupError):
    """No chapter offers a cluster of that name."""


class Unreachable(LessonsError, ConnectionError):
    """Nobody answers at an address."""
