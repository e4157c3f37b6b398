"""A Dask cluster as an engine: one that the user has, by its address, or one of processes of this machine."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lessons.check.sweeps.engines import Engine, EngineLost, cores
from lessons.check.sweeps.work import ctrl_c_held_back

PATIENCE = 10  # seconds for a scheduler to answer, and for a worker to be there


class Cluster(Engine):
    """The cluster whose scheduler is at ``address``; None: one that begins and ends with the sweep.

    Raises ModuleNotFoundError when Dask is not installed, EngineLost when nobody answers at the address.
    """

    def __init__(self, address: str | None, workers: int | None) -> None:
        distributed = load()
        self.address = address or "dask"
        self.client = reach(distributed, address) if address else begin(distributed, workers or cores())
        self.deaths = (distributed.scheduler.KilledWorker,)
        super().__init__(self.client.get_executor())

    @property
    def width(self) -> int:
        """Two chunks for each thread of the cluster, which may grow."""
        threads: int = sum(self.client.nthreads().values())
        return 2 * max(1, threads)

    def renew(self) -> None:
        """Nothing to do: the cluster begins new workers by itself."""

    def close(self) -> None:
        """Leave the cluster; end it if we began it."""
        self.client.close()
        if self.client.cluster is not None:
            self.client.cluster.close()


def load() -> Any:
    """Dask's package; raises ModuleNotFoundError, which says how to install it."""
    try:
        import_module("distributed.scheduler")
        return import_module("distributed")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"engine 'dask' needs Dask: pip install lessons[sweeps] ({error})") from error


def reach(distributed: Any, address: str) -> Any:
    """A client of the cluster at ``address``, which has a worker."""
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EngineLost(f"engine is {address!r}: no Dask scheduler answers there ({error})") from error
    return with_a_worker(client, address)


def with_a_worker(client: Any, address: str) -> Any:
    """The same client, when its cluster has a worker."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        client.close()
        raise EngineLost(f"engine is {address!r}: its scheduler has no worker") from error
    return client


def begin(distributed: Any, workers: int) -> Any:
    """A client of a new cluster on this machine, which nobody else can reach."""
    settings: dict[str, Any] = {"distributed.scheduler.allowed-failures": 0}
    with ctrl_c_held_back(), import_module("dask").config.set(settings):
        cluster = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        )
    return distributed.Client(cluster, set_as_default=False)
