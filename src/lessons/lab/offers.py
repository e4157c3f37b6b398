"""What a reader can do to a run at a moment: the faults that make sense then, each with what is to be filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lessons.lab.fields import Choice, Field, Groups, Number, Refused
from lessons.lab.moment import Message, Moment
from lessons.sim import Action, Faults

MOST_MESSAGES = 60  # under way, of which each can be dropped and delayed


@dataclass(frozen=True)
class Offer:
    """A fault that can be done now: its name, what is fixed of its arguments, and what the reader fills in.

    ``label`` is what stands on the button, ``on`` names what it is done to: ``{"node": "n1"}``, ``{"send": 17}``, or
    nothing for the network as a whole. ``start`` is what stands in the fields at first.
    """

    name: str
    label: str
    on: Mapping[str, Any] = field(default_factory=dict)
    args: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    start: Mapping[str, Any] = field(default_factory=dict)
    help: str = ""

    @property
    def id(self) -> str:
        """A text that no other offer of the moment has: ``Crash n1``."""
        return " ".join([self.label, *map(str, self.args.values())])

    def action(self, at: float, values: Mapping[str, Any]) -> Action:
        """The action at a time; raises Refused for a value that is missing, too many, or not as its field has it."""
        for name in values:
            if name not in self.fields:
                raise Refused(f"{self.id} takes no {name}: it takes {', '.join(self.fields) or 'nothing'}")
        given = {**self.start, **values}
        filled = {name: self._checked(name, given) for name in self.fields}
        return Action(at, self.name, self.arguments(filled))

    def _checked(self, name: str, given: Mapping[str, Any]) -> Any:
        """What is filled in, as plain data: an action can be kept and sent."""
        if name not in given:
            raise Refused(f"{name} is missing: it must be {self.fields[name].rule()}")
        self.fields[name].read(name, given[name])
        return given[name]

    def arguments(self, filled: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of the fault."""
        return {**self.args, **filled}

    def form(self) -> dict[str, Any]:
        """The offer as the front end draws it."""
        fields = {name: self._field(name, each) for name, each in self.fields.items()}
        return {"id": self.id, "label": self.label, "on": dict(self.on), "fields": fields, "help": self.help}

    def _field(self, name: str, each: Field) -> dict[str, Any]:
        start = {"start": each.plain(self.start[name])} if name in self.start else {}
        return {**each.form(), **start, "help": each.help}


def offers(moment: Moment) -> Iterator[Offer]:
    """The faults of the simulation that make sense at a moment: nodes one by one, the network, messages."""
    for node in moment.status:
        yield from _of_process(moment, node)
        yield from _of_links(moment, node)
        yield from _of_clock(moment, node)
        yield from _of_disk(moment, node)
    yield from _of_network(moment)
    for message in list(moment.messages.values())[:MOST_MESSAGES]:
        yield from _of_message(message)


def _on_node(name: str, label: str, node: str, **more: Any) -> Offer:
    args = {"node": node, **more.pop("args", {})}
    return Offer(name, label, {"node": node}, args, help=_says(name), **more)


def _of_process(moment: Moment, node: str) -> Iterator[Offer]:
    status = moment.status[node]
    if status in ("up", "paused"):
        yield _on_node("crash", "Crash", node)
    if status == "up":
        yield _on_node("pause", "Pause", node)
    if status == "paused":
        yield _on_node("resume", "Resume", node)
    if status == "down":
        yield _on_node("restart", "Restart", node)


def _of_links(moment: Moment, node: str) -> Iterator[Offer]:
    others = [name for name in moment.status if name != node]
    if any(not {(node, other), (other, node)} <= moment.cuts for other in others):
        yield _on_node("isolate", "Cut off", node)
    reached = [other for other in others if (node, other) not in moment.cuts]
    if reached:
        to: Mapping[str, Field] = {"to": Choice(reached, help="Nothing from here gets there; the way back stays.")}
        start = {"to": reached[0]}
        yield Offer("cut", "Cut one way", {"node": node}, {"sender": node}, to, start, _says("cut"))


def _of_clock(moment: Moment, node: str) -> Iterator[Offer]:
    if node in moment.clients or moment.status[node] == "not started":
        return
    jump: Mapping[str, Field] = {"seconds": Number(-60, 60, 0.1, "s", help="Forward, or back with a minus sign.")}
    yield _on_node("step_clock", "Step clock", node, fields=jump, start={"seconds": -1.0})
    if ("drift_clock", node) in moment.changed:
        yield _on_node("drift_clock", "Right clock", node, args={"rate": 1.0})
    else:
        rate: Mapping[str, Field] = {"rate": Number(0.1, 10, 0.1, help="Seconds that it counts a second.")}
        yield _on_node("drift_clock", "Drift clock", node, fields=rate, start={"rate": 1.5})


def _of_disk(moment: Moment, node: str) -> Iterator[Offer]:
    if node in moment.clients or moment.status[node] == "not started":
        return
    if ("slow_disk", node) in moment.changed:
        yield _on_node("slow_disk", "Repair disk", node, args={"factor": 1.0})
    else:
        factor: Mapping[str, Field] = {"factor": Number(1, 1000, 1, "times", help="How much longer a sync takes.")}
        yield _on_node("slow_disk", "Slow disk", node, fields=factor, start={"factor": 20.0})
    if ("limit_disk", node) in moment.changed:
        yield _on_node("limit_disk", "Free disk", node, args={"capacity": None})
    else:
        yield _on_node("limit_disk", "Fill disk", node, args={"capacity": 0})


def _of_network(moment: Moment) -> Iterator[Offer]:
    if len(moment.status) > 1:
        groups: Mapping[str, Field] = {"groups": Groups(tuple(moment.status), help="Who is in none forms one more.")}
        yield Offer("partition", "Partition", fields=groups, help=_says("partition"))
    if moment.cuts:
        yield Offer("heal", "Heal all cuts", help=_says("heal"))
    share = Number(0, 1, 0.05, help="The share of messages, from 0 to 1.")
    worse: Mapping[str, Field] = {"loss": share, "duplicate": share}
    bad = {"loss": 0.3, "duplicate": 0.1}
    yield Offer("weather", "Change the weather", fields=worse, start=bad, help=_says("weather"))
    if moment.weather:
        yield Offer("weather", "Clear the weather", args={}, help="Let links do what they did at first.")


def _of_message(message: Message) -> Iterator[Offer]:
    args = {"sender": message.sender, "to": message.to, "number": message.number}
    on = {"send": message.send, "text": f"{message.text} from {message.sender} to {message.to}"}
    yield Offer("drop", "Drop", on, args, help=_says("drop"))
    late: Mapping[str, Field] = {"seconds": Number(0.001, 60, 0.01, "s", help="How much later it arrives.")}
    yield Offer("delay", "Delay", on, args, late, {"seconds": 0.1}, _says("delay"))


def _says(fault: str) -> str:
    """The first sentence of what a fault's docstring says."""
    return " ".join((getattr(Faults, fault).__doc__ or "").split("\n\n")[0].split())
