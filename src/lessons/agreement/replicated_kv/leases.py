"""Leases: how long each lives, by the time that the log tells. Which keys hang on one, the keyspace knows."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import inf


@dataclass
class Lease:
    """A lease with its time to live, and when that is over, in seconds of the cluster's time."""

    ttl: float
    deadline: float


class Leases:
    """Leases by number."""

    def __init__(self) -> None:
        self.all: dict[int, Lease] = {}
        self._agenda: list[tuple[float, int]] = []  # deadlines, also those that were put off since

    def set(self, lease: int, ttl: float, deadline: float) -> None:
        """Grant a lease, or let it live on, until ``deadline``."""
        self.all[lease] = Lease(ttl, deadline)
        heappush(self._agenda, (deadline, lease))
        if len(self._agenda) > 2 * len(self.all) + 16:
            self._tidy()

    def end(self, lease: int) -> None:
        """Forget a lease."""
        del self.all[lease]

    def next_deadline(self) -> float:
        """When the next lease is over; never, if there is none."""
        while self._agenda and not self._is_in_force(*self._agenda[0]):
            heappop(self._agenda)
        return self._agenda[0][0] if self._agenda else inf

    def take_due(self, time: float) -> int | None:
        """End the lease whose time was over first, if one's is at ``time``, and return its number."""
        if self.next_deadline() > time:
            return None
        _, lease = heappop(self._agenda)
        self.end(lease)
        return lease

    def _is_in_force(self, deadline: float, lease: int) -> bool:
        return lease in self.all and self.all[lease].deadline == deadline

    def _tidy(self) -> None:
        self._agenda = [(lease.deadline, number) for number, lease in self.all.items()]
        heapify(self._agenda)

    def saved(self) -> tuple[tuple[int, float, float], ...]:
        """All leases, as a field of a snapshot."""
        return tuple((number, lease.ttl, lease.deadline) for number, lease in sorted(self.all.items()))
