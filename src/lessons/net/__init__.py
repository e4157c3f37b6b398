"""The real network: nodes as processes that talk over TCP, with durable disks and a record of the run.

    python -m lessons.net cluster raft --nodes 5
    python -m lessons.net client --name ann
    python -m lessons.net status

A chapter says in its module ``cluster`` what can be run::

    CLUSTER = Cluster(server, client, kinds=(Raft, Proposer))
"""

from lessons.net.clusters import Cluster, find
from lessons.net.errors import (
    BadAddress,
    Malformed,
    Refused,
    StorageFailed,
    StorageLocked,
    UnknownCluster,
    Unreachable,
)
from lessons.net.folder import Folder
from lessons.net.merge import read_trace
from lessons.net.record import Recorder
from lessons.net.setup import Address, Setup
from lessons.net.station import Station
from lessons.net.storage import FileDisk, MemoryDisk
from lessons.net.vocabulary import Vocabulary

__all__ = [
    "Address",
    "BadAddress",
    "Cluster",
    "FileDisk",
    "Folder",
    "Malformed",
    "MemoryDisk",
    "Recorder",
    "Refused",
    "Setup",
    "Station",
    "StorageFailed",
    "StorageLocked",
    "UnknownCluster",
    "Unreachable",
    "Vocabulary",
    "find",
    "read_trace",
]
