"""Python in the reader's browser: the part of it that is Python.

The page's worker boots CPython, imports this package, and hands it requests one at a time:

    answer = answerer()
    await answer('{"kind": "run", "payload": {"cell": 3, "source": "1 + 1"}}', news)

``cells`` runs a cell of a notebook and returns what JupyterLab would show; ``requests`` says what may be asked. Nothing
here knows a browser: the same code runs, and is tested, in any Python. The front end is in ``static``: ``python.js``
(one worker a page), ``python-worker.js`` (the worker), ``run.js`` (cells that can be edited and run).
"""

from lessons.page.cells import Cells
from lessons.page.requests import BadRequest, Stopped, answerer

__all__ = ["BadRequest", "Cells", "Stopped", "answerer"]
