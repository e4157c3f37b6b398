"""Repairs: which fault a later one undoes, so that both can be left out together."""

from __future__ import annotations

from collections.abc import Iterable

from lessons.sim import Action

_UNDO = {
    "crash": "restart", "pause": "resume", "partition": "heal", "isolate": "heal", "cut": "heal", "bridge": "heal",
    "weather": "weather", "step_clock": "step_clock", "drift_clock": "drift_clock", "slow_disk": "slow_disk",
    "limit_disk": "limit_disk",
}  # fmt: skip
_NORMAL = {"drift_clock": ("rate", 1.0), "slow_disk": ("factor", 1.0), "limit_disk": ("capacity", None)}


def with_repairs(actions: Iterable[Action]) -> list[tuple[Action, ...]]:
    """Each fault together with the next one that undoes it, if there is one, in the order of the faults."""
    left = list(actions)
    units: list[tuple[Action, ...]] = []
    while left:
        fault = left.pop(0)
        repair = next((later for later in left if undoes(later, fault)), None)
        if repair is not None:
            left.remove(repair)
        units.append((fault,) if repair is None else (fault, repair))
    return units


def undoes(later: Action, fault: Action) -> bool:
    """Whether ``later`` puts right what ``fault`` has done."""
    if _UNDO.get(fault.name) != later.name or later.args.get("node") not in (None, fault.args.get("node")):
        return False
    if later.name == "step_clock":
        return bool(later.args["seconds"] == -fault.args["seconds"])
    if later.name == "weather":
        return not later.args
    what, normal = _NORMAL.get(later.name, ("", None))
    return later.args.get(what) == normal
