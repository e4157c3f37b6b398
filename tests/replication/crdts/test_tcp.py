"""On the real network: replicas on TCP, with disks in files, agree as they do in the simulator."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lessons.net import Setup, Station, Vocabulary
from lessons.replication.crdts.broadcast import CausalBroadcast
from lessons.replication.crdts.gossip import DeltaGossip, StateGossip
from lessons.replication.crdts.runs import NAMES, busy
from tests.net.places import setups, until

UPDATES = 4


def agreed(nodes: list[Any]) -> bool:
    """Whether each replica has made its updates, all have seen all of them, and show the same."""
    everything = dict.fromkeys(NAMES, UPDATES)
    return all(node.seen == everything and node.value == nodes[0].value for node in nodes)


@pytest.mark.parametrize("kind", ["or-set", "text", "map"])
@pytest.mark.parametrize("node", [DeltaGossip, StateGossip, CausalBroadcast])
def test_replicas_agree_although_one_stops_in_the_middle_and_comes_back(node: Any, kind: str, tmp_path: Path) -> None:
    busy_node = busy(node)
    places = setups(*NAMES, folder=tmp_path, vocabulary=Vocabulary.of(busy_node))

    def station(place: Setup) -> Station:
        return Station(place, lambda: busy_node(of=kind, updates=UPDATES, rest=0.02, period=0.02))

    async def run() -> None:
        stations = {name: station(place) for name, place in places.items()}
        for each in stations.values():
            await each.start()
        await until(lambda: stations["bob"].node.log, "for bob's first update")
        await stations["bob"].stop()
        await asyncio.sleep(0.05)
        stations["bob"] = station(places["bob"])
        await stations["bob"].start()
        assert stations["bob"].node.log, "the disk has what was done"
        await until(lambda: agreed([each.node for each in stations.values()]), "for all to agree")
        for each in stations.values():
            await each.stop()

    asyncio.run(run())
