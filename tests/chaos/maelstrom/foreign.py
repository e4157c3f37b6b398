"""Nodes that are not the book's, each wrong in one way: python foreign.py MISTAKE. They import nothing of the book."""

from __future__ import annotations

import json
import sys
from typing import Any

mistake = sys.argv[1]
store: dict[str, Any] = {}
items: list[Any] = []
name = ""


def say(to: str, **body: Any) -> None:
    print(json.dumps({"src": name, "dest": to, "body": body}), flush=True)


def answer(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of the answer, each kind of node by itself: nobody hears of what another was told."""
    match mistake, body["type"]:
        case "lies", "echo":
            return {"echo": "something else"}
        case "mumbles", "txn":
            return {"txn": "yes"}
        case "repeats", "generate":
            return {"id": len(items) % 3}
        case ("forgets", "read"):
            return {"value": items[:-1]}
        case ("invents", "read"):
            return {"value": [*items, -1]}
        case ("alone", "add") | ("forgets", "add") | ("invents", "add"):
            items.append(body.get("element", body.get("delta")))
            return {}
        case "alone", "read" if "key" not in body:
            return {"value": sum(items)}
        case "alone", "write":
            store[str(body["key"])] = body["value"]
            return {}
        case "alone", "read":
            return {"value": store[str(body["key"])]} if str(body["key"]) in store else {"code": 20, "text": "no"}
        case "alone", "cas":
            return {"code": 22, "text": "no"} if str(body["key"]) in store else {"code": 20, "text": "no"}
        case "alone", "txn":
            return {"txn": [step_of(*step) for step in body["txn"]]}
    return {"code": 10, "text": "can't"}


def step_of(what: str, key: Any, value: Any) -> list[Any]:
    if what == "w":
        store[str(key)] = value
    if what == "append":
        store[str(key)] = [*store.get(str(key), []), value]
    return [what, key, value if what == "append" else store.get(str(key))]


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        name = body["node_id"]
        say(message["src"], type="init_ok", in_reply_to=body["msg_id"])
        continue
    if mistake == "crashes":
        sys.exit("out of memory")
    if mistake == "babbles":
        print("starting up", flush=True)
    if mistake == "silent":
        continue
    fields = answer(body)
    kind = "error" if "code" in fields else body["type"] + "_ok"
    items.append(0) if body["type"] == "generate" else None
    say(message["src"], type=kind, in_reply_to=body["msg_id"], **fields)
