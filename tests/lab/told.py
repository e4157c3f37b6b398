"""What the desk answers to a reader of Raft's lab who acts, goes on, undoes and shares: as text, for comparison."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from lessons.lab import from_link
from lessons.lab.desk import Desk
from lessons.node.compact import compact


def told(lab: str = "agreement/raft") -> str:
    """One line an answer: what was asked, and a fingerprint of the answer's JSON."""
    desk, lines = Desk(), []

    def ask(do: str, **more: Any) -> dict[str, Any]:
        reply = desk.answer({"do": do, **more})
        lines.append(f"{do} {sha256(compact(reply).encode()).hexdigest()}")
        return reply

    first = ask("open", lab=lab)
    moment = {"state": first["state"], "index": 150}
    offers = ask("offers", **moment)["offers"]
    ask("prepare", **moment)
    offer = next(each for each in offers if not each["fields"])["id"]
    acted = ask("act", **moment, offer=offer, values={}, have=first["serial"])
    longer = ask("on", state=acted["state"], have=acted["serial"])
    ask("show", state=first["state"], have=longer["serial"])
    ask("program", state=longer["state"])
    link = desk.answer({"do": "link", "state": longer["state"]})["text"]  # packed by zlib, of which there are several
    lines.append(f"link {compact(from_link(link).to_json())}")
    return "\n".join(lines)
