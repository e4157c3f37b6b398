"""Text that many write at once: a readable implementation, and a fast one that agrees with it."""

from lessons.replication.crdts.text.graphed import GraphText
from lessons.replication.crdts.text.listed import Edit, ListText
from lessons.replication.crdts.text.text import Text

__all__ = ["Edit", "GraphText", "ListText", "Text"]
