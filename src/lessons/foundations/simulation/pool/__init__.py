"""A pool of workers: its decisions as a state machine, on real threads, and in the simulated world.

    with ThreadPool(size=4, capacity=100) as pool:
        handle = pool.submit(pow, 2, 10)
        assert handle.result() == 1024

``Dispatcher`` decides which job runs when, and what becomes of those that cannot run; ``ThreadPool`` carries it out
with threads, ``Pool`` in virtual time.
"""

from lessons.foundations.simulation.pool.customers import Customer, Owner
from lessons.foundations.simulation.pool.dispatcher import Dispatcher
from lessons.foundations.simulation.pool.erlang import erlang_b, erlang_c, unbounded_queue
from lessons.foundations.simulation.pool.handles import Handle, JobRejected
from lessons.foundations.simulation.pool.jobs import Pool
from lessons.foundations.simulation.pool.meter import Meter
from lessons.foundations.simulation.pool.threads import ThreadPool
from lessons.foundations.simulation.pool.tickets import Overflow, Status, Ticket

__all__ = [
    "Customer",
    "Dispatcher",
    "Handle",
    "JobRejected",
    "Meter",
    "Overflow",
    "Owner",
    "Pool",
    "Status",
    "ThreadPool",
    "Ticket",
    "erlang_b",
    "erlang_c",
    "unbounded_queue",
]
