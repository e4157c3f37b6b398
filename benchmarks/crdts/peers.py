"""Peers whose package is imported under another name than that of its distribution."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec

from benchmarks.race import Contestant


@dataclass(frozen=True)
class Peer(Contestant):
    """A contestant of the distribution ``package``, which is imported as ``module``."""

    module: str = ""

    @property
    def missing(self) -> str | None:
        """Why it can't take part here; None when it can."""
        return None if find_spec(self.module) else f"the package {self.package} is not installed"

    @property
    def label(self) -> str:
        """The name, with the version."""
        return f"{self.name} ({self.package} {version(str(self.package))})"
