"""Buffer: a long text that is edited mostly near the last edit, in chunks, with one of them open."""

from __future__ import annotations

FULL = 1024  # characters of a chunk; a longer one is cut in the middle


class Buffer:
    """A text in chunks. The open one, from ``start`` to ``end``, is ``chunk``; the list has an old copy of it."""

    __slots__ = ("at", "chunk", "chunks", "end", "start")

    def __init__(self, text: str = "") -> None:
        self.chunks = [text[at : at + FULL // 2] for at in range(0, len(text), FULL // 2)] or [""]
        self.at, self.start = 0, 0
        self.chunk = self.chunks[0]
        self.end = len(self.chunk)

    def insert(self, position: int, text: str) -> None:
        """Insert ``text`` at a position that the caller has checked."""
        if position < self.start or position > self.end:
            self._open(position)
        at = position - self.start
        chunk = self.chunk
        self.chunk = chunk[:at] + text + chunk[at:]
        self.end += len(text)
        if self.end - self.start > FULL:
            self._cut()

    def delete(self, position: int, count: int) -> None:
        """Delete ``count`` characters from a position that the caller has checked."""
        while count:
            if position < self.start or position >= self.end:
                self._open(position)
                if position == self.end:
                    self._step(1)
            at = position - self.start
            here = min(count, self.end - position)
            chunk = self.chunk
            self.chunk = chunk[:at] + chunk[at + here :]
            self.end -= here
            count -= here

    def _open(self, position: int) -> None:
        """Open the chunk with ``position`` in it, or at its end."""
        while position < self.start:
            self._step(-1)
        while position > self.end:
            self._step(1)

    def _step(self, by: int) -> None:
        """Open the next chunk, or the one before; an empty one that is left behind goes."""
        chunks, at = self.chunks, self.at
        chunks[at] = self.chunk
        if self.chunk or len(chunks) == 1:
            at += by
        else:
            del chunks[at]
            at += min(by, 0)
        if by > 0:
            self.start = self.end
        self.at, self.chunk = at, chunks[at]
        if by < 0:
            self.start -= len(self.chunk)
        self.end = self.start + len(self.chunk)

    def _cut(self) -> None:
        """Cut a chunk that has grown too long into pieces of half the size."""
        pieces = Buffer(self.chunk).chunks
        self.chunks[self.at : self.at + 1] = pieces
        self.chunk = pieces[0]
        self.end = self.start + len(self.chunk)

    def text(self) -> str:
        """The whole text."""
        self.chunks[self.at] = self.chunk
        return "".join(self.chunks)
