"""Live in JupyterLab: a cell runs, its output is the player, whose keys are its own; a report brings its style."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import urllib3
from urllib3.util import Retry

from tests.browser import artifacts
from tests.viz.browser.driving import position

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip("jupyterlab")
pytest.importorskip("anywidget")

CELL = """
from lessons.node import Node, message
from lessons.sim import Simulation

@message
class Ping:
    hop: int

class Ponger(Node):
    watched = ("hops",)

    def start(self):
        self.hops = 0
        if self.name == "a":
            self.send("b", Ping(1))

    def on_ping(self, sender, ping):
        self.hops = ping.hop
        if ping.hop < 20:
            self.send(sender, Ping(ping.hop + 1))

sim = Simulation(seed=1)
sim.add(["a", "b"], Ponger)
sim.run(until=5).play(title="Ping and pong", caption="Two nodes answer each other.")
"""

PATIENCE = 180_000  # milliseconds, on a machine with much else to do


EXERCISES = Path(__file__).parents[2] / "classroom" / "exercises"
REPORT = f"""
import os
os.environ["LESSONS_EXERCISES"] = {str(EXERCISES)!r}
from lessons.classroom import check
from lessons.classroom.exercise import find

check("adding/adder", find("adding/adder").bugs["returns the number and not the total"], hint=1)
"""


LAB = """
import ipywidgets
from lessons.agreement.raft.lab import LAB

servers = LAB.widgets()["servers"]
ipywidgets.VBox([LAB.live(), servers])
"""


def notebook(source: str) -> str:
    """A notebook of one cell."""
    cell = {"cell_type": "code", "execution_count": None, "id": "one", "metadata": {}, "outputs": [], "source": source}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab that has nothing but three notebooks, and is seen on this machine alone."""
    tmp_path = tmp_path_factory.mktemp("lab")
    (tmp_path / "work").mkdir()
    for name, cell in (("one", CELL), ("two", REPORT), ("three", LAB)):
        (tmp_path / "work" / f"{name}.ipynb").write_text(notebook(cell.strip()))
    homes = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    port = free_port()
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": tmp_path / "work",
        "IdentityProvider.token": "",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdates",
        "LabApp.news_url": "",
    }
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
            + [f"--{name}={value}" for name, value in options.items()],
            env={**os.environ, **{name: str(tmp_path / name) for name in homes}},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def wait_until_it_answers(address: str) -> None:
    """Ask the server until it answers, for 40 seconds at most; it says that it runs before it listens."""
    urllib3.PoolManager().request(
        "GET", f"{address}/api", retries=Retry(total=80, backoff_factor=0.05, backoff_max=0.5)
    )


def run_cell(page: Page, address: str) -> None:
    """Open a notebook and run its cell."""
    page.goto(f"{address}?reset")
    page.locator(".jp-CodeCell .cm-content").click(timeout=PATIENCE)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=PATIENCE)
    page.keyboard.press("Shift+Enter")


def errors(page: Page) -> list[str]:
    """What went wrong, but for JupyterLite's kernel, which installs itself here and can't run in this JupyterLab."""
    return [error for error in page.errors if "@jupyterlite/services doesn't exist in shared scope" not in error]


def test_a_report_brings_its_style_and_its_run(page: Page, lab: str) -> None:
    run_cell(page, f"{lab}/doc/tree/two.ipynb")
    report = page.locator(".jp-OutputArea-output .lesson-live .lesson-report")
    report.wait_for(timeout=PATIENCE)
    assert report.evaluate("it => getComputedStyle(it).borderRadius") == "10px"
    verdict = report.locator(".lesson-verdict")
    assert verdict.inner_text() == "adding/adder: 1 of 2 sample checks pass"
    assert verdict.evaluate("it => getComputedStyle(it).borderLeftWidth") == "4px"
    assert report.locator(".lesson-hint").is_visible()
    player = page.locator(".jp-OutputArea-output .lp")
    player.get_by_role("button", name="One event on").click()
    assert report.bounding_box()["y"] < player.bounding_box()["y"]
    report.scroll_into_view_if_needed()
    page.screenshot(path=artifacts() / "report-in-jupyterlab.png")
    assert errors(page) == []
    assert page.foreign == []


def test_the_player_of_a_cell_is_live_and_its_keys_are_its_own(page: Page, lab: str) -> None:
    run_cell(page, f"{lab}/doc/tree/one.ipynb")
    player = page.locator(".jp-OutputArea-output .lp")
    player.wait_for(timeout=PATIENCE)
    assert player.locator(".lp-title").inner_text() == "Ping and pong"
    assert page.locator(".jp-OutputArea-output figure").count() == 0  # the widget, not the form for pages
    cells = page.locator(".jp-CodeCell").count()
    player.focus()
    for key, now in {"End": 63, "Home": 0, "ArrowRight": 1, "Shift+ArrowRight": 11, "ArrowLeft": 10}.items():
        page.keyboard.press(key)
        assert position(player) == now, key
    for key in ("x", "a", "b", "Enter"):  # of JupyterLab: cut, insert above, insert below, edit
        page.keyboard.press(key)
    player.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    assert position(player) == 11
    assert page.locator(".jp-CodeCell").count() == cells
    page.keyboard.press("Space")
    page.wait_for_function("() => parseInt(document.querySelector('.lp-position').textContent) > 14")
    player.get_by_role("button", name="Pause").click()
    page.screenshot(path=artifacts() / "player-in-jupyterlab.png")
    assert errors(page) == []
    assert page.foreign == []


def test_a_lab_is_answered_by_its_kernel_and_follows_the_widgets_around_it(page: Page, lab: str) -> None:
    run_cell(page, f"{lab}/doc/tree/three.ipynb")
    panel = page.locator(".jp-OutputArea-output .ll-acting")
    panel.wait_for(timeout=PATIENCE)
    page.locator(".ll-subject input[value=n1]").check(force=True, timeout=PATIENCE)
    panel.get_by_role("button", name="Crash", exact=True).click()
    done = page.locator(".ll-done li")
    done.filter(has_text="crash n1").wait_for()
    servers = page.locator(".widget-text input[type=number]").last
    servers.fill("3")
    servers.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.lp-node').length === 5")  # a spare, and ann
    assert page.locator(".ll-setup").get_by_label("servers", exact=True).input_value() == "3"
    page.locator(".ll-setup summary").click()
    page.locator(".ll-setup").get_by_label("servers", exact=True).fill("4")
    page.locator(".ll-setup").get_by_role("button", name="Run it so").click()
    page.wait_for_function("() => document.querySelectorAll('.lp-node').length === 6")
    page.wait_for_function("it => it.value === '4'", arg=servers.element_handle())
    assert "crash n1" in done.first.inner_text()
    panel.scroll_into_view_if_needed()
    page.screenshot(path=artifacts() / "lab-in-jupyterlab.png")
    assert errors(page) == []
    assert page.foreign == []
