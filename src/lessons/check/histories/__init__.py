"""Histories in files: what the clients of any system saw, as JSON or as Jepsen writes it."""

from lessons.check.histories.edn import Keyword, read_edn
from lessons.check.histories.jepsen import jepsen_etcd, jepsen_kv
from lessons.check.histories.plain import from_json, to_json
from lessons.check.histories.recorded import Recorded, Unreadable, read_text

__all__ = [
    "Keyword",
    "Recorded",
    "Unreadable",
    "from_json",
    "jepsen_etcd",
    "jepsen_kv",
    "read_edn",
    "read_text",
    "to_json",
]
