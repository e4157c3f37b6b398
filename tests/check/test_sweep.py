"""Sweeps: every engine finds the same, and nothing is lost when workers die or somebody stops it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lessons.check import Sweep, Swept, invariant, sweep
from lessons.check.sweeps import EngineLost, Kind, dispatch, progress
from lessons.check.sweeps.engines import Here
from lessons.sim import Simulation
from tests.check.sweep_worlds import InPlay, ball, interrupts, kills, kills_once, raises

SEEDS = range(60)


def swept(**options: Any) -> Swept:
    return sweep(ball, SEEDS, until=2.0, complaints=InPlay, **options)


# What is found


def test_a_sweep_finds_the_seeds_that_fail_when_they_are_run_one_by_one() -> None:
    result = swept()
    alone = {seed: ball(seed).run(2.0) for seed in SEEDS}
    broken = {seed: trace for seed, trace in alone.items() if trace.violation}
    found = {each.seed: each for each in result.failures if each.finding.kind is Kind.INVARIANT}
    assert found.keys() == broken.keys() and 3 < len(found) < 50
    for seed, trace in broken.items():
        violation = trace.violation
        assert violation is not None
        assert (found[seed].invariant, found[seed].why, found[seed].events) == ("Fair", violation.why, len(trace))
    assert result.seeds == tuple(SEEDS) and result.left == () and result.stopped == ""


def test_complaints_are_heard_of_runs_that_broke_nothing() -> None:
    quiet, heard = sweep(ball, SEEDS, until=2.0), swept()
    broken = {failure.seed for failure in quiet.failures}
    complained = {failure.seed: failure for failure in heard.failures if failure.finding.kind is Kind.COMPLAINT}
    assert complained and not broken & complained.keys()
    first = next(iter(complained.values()))
    assert first.invariant == "InPlay" and first.why.startswith("the ball was lost after ")


@pytest.mark.parametrize(
    ("said", "why"),
    [(None, None), ("", None), ([], None), (iter(()), None), ("all wrong", "all wrong"), (["one", "two"], "one")],
)
def test_a_complaint_is_a_text_or_several_or_nothing(said: Iterable[str] | None, why: str | None) -> None:
    def Told(sim: Simulation) -> Iterable[str] | None:
        return said

    first = sweep(ball, [1], until=0.1, complaints=[Told]).first
    assert (first.why if first else None) == why


def test_an_invariant_that_breaks_while_a_complaint_lets_the_run_go_on_is_what_is_broken() -> None:
    def Patient(sim: Simulation) -> Iterator[str]:
        while sim.now < 3.0:
            sim.run(sim.now + 0.1)
        yield "not yet"

    found = {failure.invariant for failure in sweep(ball, SEEDS, until=0.1, complaints=Patient).failures}
    assert found == {"Fair", "Patient"}


@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_an_exception_is_kept_with_its_seed_and_its_traceback(engine: str) -> None:
    result = sweep(raises, range(20), until=1.0, engine=engine, chunk=6)
    errors = [failure for failure in result.failures if failure.finding.kind is Kind.ERROR]
    assert [(each.seed, each.invariant) for each in errors] == [
        (7, "ZeroDivisionError"), (9, "ValueError"), (17, "ZeroDivisionError"), (19, "ValueError"),
    ]  # fmt: skip
    assert "in raises" in errors[0].traceback and "ZeroDivisionError: seed 7" in errors[0].traceback
    assert "(seed 9, virtual time 0.150000 s)" in errors[1].traceback and errors[1].events > 0


def test_a_failure_can_be_looked_at() -> None:
    result = swept()
    assert result.first is not None and result.first == result.failures[0]
    trace = result.first.trace
    assert len(trace) == result.first.events and trace.seed == result.first.seed
    broken = next(failure for failure in result.failures if failure.invariant == "Fair")
    assert str(broken) == f"seed {broken.seed}: Fair is broken: {broken.why}"


def test_a_sweep_of_a_world_that_was_declared_is_the_same() -> None:
    assert sweep(Sweep(ball, until=2.0, complaints=InPlay), SEEDS) == swept()


def test_parameters_are_for_every_world() -> None:
    assert sweep(ball, SEEDS, until=2.0, parameters={"loss": 1.0}).holds


def test_seeds_may_be_texts_in_any_order() -> None:
    seeds = ["b", "a", 3]
    assert sweep(ball, iter(seeds), until=0.1).seeds == tuple(seeds)


# Engines


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_processes_find_what_this_process_finds(chunk: int) -> None:
    assert swept(engine="processes", workers=2, chunk=chunk) == swept()


def test_an_executor_of_somebody_else_will_do() -> None:
    with ThreadPoolExecutor(2) as executor:
        assert swept(engine=executor, chunk=5) == swept()


@contextmanager
def dask_cluster() -> Iterator[str]:
    """The address of a cluster with two workers in this process."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install lessons[sweeps]")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def test_a_cluster_by_its_address_finds_what_this_process_finds() -> None:
    with dask_cluster() as address:
        assert swept(engine=address, chunk=5) == swept()


def test_a_cluster_that_begins_and_ends_with_the_sweep_finds_the_same_and_takes_functions_of_a_notebook() -> None:
    pytest.importorskip("distributed", reason="Dask is not installed: pip install lessons[sweeps]")
    loss = 0.03

    def of_a_notebook(seed: int) -> Simulation:
        return ball(seed, loss)

    assert sweep(of_a_notebook, SEEDS, until=2.0, engine="dask") == sweep(of_a_notebook, SEEDS, until=2.0)


def test_a_worker_of_a_cluster_that_dies_is_survived() -> None:
    pytest.importorskip("distributed", reason="Dask is not installed: pip install lessons[sweeps]")
    result = sweep(kills, range(24), until=1.0, engine="dask", workers=2, chunk=6)
    assert result == sweep(kills, range(24), until=1.0, engine="processes", workers=2, chunk=6)


def test_an_address_where_nobody_answers_is_an_engine_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed: pip install lessons[sweeps]")
    monkeypatch.setattr("lessons.check.sweeps.cluster.PATIENCE", 1)
    with pytest.raises(EngineLost, match=r"engine is 'tcp://127\.0\.0\.1:1': no Dask scheduler answers there"):
        swept(engine="tcp://127.0.0.1:1")


def test_dask_says_how_to_install_it_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setitem(sys.modules, "distributed.scheduler", None)
    with pytest.raises(ModuleNotFoundError, match=r"engine 'dask' needs Dask: pip install lessons\[sweeps\]"):
        swept(engine="dask")


# Workers that die


def without(result: Swept, *seeds: int) -> list[tuple[object, object]]:
    return [(each.seed, each.finding) for each in result.failures if each.seed not in seeds]


def test_a_seed_that_ends_its_process_twice_is_found_to_do_so_and_no_other_seed_is_lost() -> None:
    result = sweep(kills, range(24), until=1.0, engine="processes", workers=2, chunk=6)
    died = [each for each in result.failures if each.finding.kind is Kind.WORKER]
    assert [each.seed for each in died] == [13] and died[0].invariant == "WorkerDied"
    assert result.seeds == tuple(range(24))
    assert without(result, 13) == without(sweep(ball, range(24), until=1.0), 13)


def test_several_seeds_that_end_their_process_are_all_found() -> None:
    options: Any = {"parameters": {"at": (0, 1, 9)}, "engine": "processes", "workers": 2, "chunk": 4}
    result = sweep(kills, range(12), until=1.0, **options)
    assert [each.seed for each in result.failures if each.finding.kind is Kind.WORKER] == [0, 1, 9]
    assert result.seeds == tuple(range(12))


def test_a_process_that_dies_once_is_survived_without_a_trace(tmp_path: Path) -> None:
    flag = {"flag": str(tmp_path / "died")}
    result = sweep(kills_once, range(24), until=1.0, parameters=flag, engine="processes", workers=2, chunk=6)
    assert (tmp_path / "died").exists()
    assert result == sweep(ball, range(24), until=1.0)


class Mortal(Here):
    """An executor of somebody else that breaks for good at the third chunk."""

    submitted = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        from concurrent.futures import BrokenExecutor

        self.submitted += 1
        if self.submitted >= 3:
            raise BrokenExecutor
        return super().submit(fn, *args, **kwargs)


def test_an_executor_that_is_lost_ends_the_sweep_with_what_was_done() -> None:
    result = swept(engine=Mortal(), chunk=5)
    assert result.seeds == tuple(range(10)) and result.left == tuple(range(10, 60))
    assert result.stopped.startswith("the engine was lost, a worker died, and the executor with it")
    assert not result.holds


# Ctrl-C


def test_an_interrupted_sweep_keeps_what_was_done_and_says_so() -> None:
    result = sweep(interrupts, range(20), until=2.0)
    assert result.seeds == (0, 1, 2, 3, 4) and result.left == tuple(range(5, 20))
    assert result.sentence.endswith("Stopped with 15 seeds left: interrupted.") and not result.holds
    assert result.failures == sweep(ball, range(5), until=2.0).failures


@pytest.mark.parametrize("waits", [1, 3])
def test_an_interrupted_sweep_over_processes_keeps_what_was_done(monkeypatch: pytest.MonkeyPatch, waits: int) -> None:
    whole = sweep(ball, range(400), until=2.0)
    real, calls = dispatch.wait, 0

    def wait(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > waits:
            raise KeyboardInterrupt
        return real(*args, **options)

    monkeypatch.setattr(dispatch, "wait", wait)
    result = sweep(ball, range(400), until=2.0, engine="processes", workers=2, chunk=10)
    assert result.stopped == "interrupted" and len(result.seeds) >= 10 and result.left
    assert result.failures == tuple(each for each in whole.failures if each.seed in result.seeds)
    assert sorted([*result.seeds, *result.left]) == list(range(400))


# Progress


class Drawn(list[tuple[int, str]]):
    """A bar that remembers what it was told."""

    @contextmanager
    def bar(self, total: int, wanted: bool | None) -> Iterator[Any]:
        yield lambda more, words: self.append((more, words))


@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_progress_counts_every_seed_and_every_failure(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    drawn = Drawn()
    monkeypatch.setattr("lessons.check.sweeps.run.bar", drawn.bar)
    result = swept(engine=engine, chunk=7)
    assert sum(more for more, _ in drawn) == 60 and drawn[-1][1] == f"{len(result.failures)} failed"


def test_a_bar_shows_rate_failures_and_time_left_when_it_is_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm", reason="tqdm is not installed")
    count = len(swept(progress=True).failures)
    said = capfd.readouterr().err
    assert "60/60 [00:00<00:00, " in said and f" seeds/s, {count} failed]" in said


@pytest.mark.parametrize(("terminal", "ci", "seen"), [(True, "", True), (True, "true", False), (False, "", False)])
def test_unless_asked_for_a_bar_is_drawn_on_a_terminal_that_no_automatic_build_has(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, ci: str, seen: bool
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    monkeypatch.setattr(progress, "find_spec", lambda name: object())
    assert progress.is_watched() is seen


def test_nothing_is_written_where_nobody_looks(capfd: pytest.CaptureFixture[str]) -> None:
    swept()
    assert capfd.readouterr() == ("", "")


# Results


def test_a_result_says_what_came_out() -> None:
    result = swept()
    count, first = len(result.failures), result.first
    assert repr(result) == f"60 seeds: {count} failed, the first {first}."
    assert repr(sweep(ball, [2], until=0.1)) == "1 seed: nothing was broken."
    rows = result.table(3).rows
    assert [row[0] for row in rows] == [str(each.seed) for each in result.failures[:3]]
    assert set(result._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert result.rate > 0


def test_a_result_says_nothing_that_differs_from_run_to_run() -> None:
    one, other = swept(), swept()
    assert one.seconds != other.seconds
    assert one == other and one._repr_mimebundle_() == other._repr_mimebundle_()


# Arguments


def of_main(seed: int) -> Simulation:
    return ball(seed)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"engine": "ray"}, ValueError, "engine is 'ray': it must be 'serial', 'processes', 'dask', or an address"),
        ({"chunk": 0}, ValueError, "chunk is 0: it must be at least 1 seed"),
        ({"workers": 0, "engine": "processes"}, ValueError, "workers is 0: it must be at least 1"),
        ({"until": -1.0}, ValueError, "until is -1.0: it must be over 0 seconds"),
        ({"seeds": [1, 2, 1]}, ValueError, "seeds has 1 twice"),
        ({"seeds": [1.5]}, TypeError, "seeds has 1.5: a seed is a whole number or a text"),
        ({"build": 7}, TypeError, "build is 7: it must be a function of the seed"),
        ({"complaints": ["x"]}, TypeError, "complaints has 'x': each must be a function"),
        ({"operations": "commands"}, TypeError, "operations is 'commands': it must be a tuple"),
        ({"build": lambda seed: ball(seed), "engine": "processes"}, ValueError, "<lambda> can't be imported by other"),
    ],
)  # fmt: skip
def test_arguments_that_can_not_be_are_refused(options: dict[str, Any], error: type[Exception], text: str) -> None:
    given: dict[str, Any] = {"build": ball, "seeds": range(3), "until": 1.0, **options}
    with pytest.raises(error) as caught:
        sweep(given.pop("build"), given.pop("seeds"), **given)
    assert str(caught.value).startswith(text)


def test_a_function_of_a_notebook_is_not_for_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    main = type(sys)("__main__")
    main.of_main = of_main  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setattr(of_main, "__module__", "__main__")
    with pytest.raises(ValueError, match="of_main can't be imported by other processes"):
        sweep(of_main, range(3), until=1.0, engine="processes")


def test_what_builds_no_simulation_is_found_with_a_word() -> None:
    first = sweep(lambda seed: None, [1], until=1.0).first  # type: ignore[arg-type, return-value]
    assert first is not None and first.why == "<lambda> returns None: it must return a Simulation"


def test_a_rule_with_words_may_be_a_complaint() -> None:
    @invariant("Nothing is ever right.")
    def Wrong(sim: Simulation) -> str:
        return "as ever"

    first = sweep(ball, [1], until=0.1, complaints=Wrong).first
    assert first is not None and (first.invariant, first.why) == ("Wrong", "as ever")


def test_the_given_executor_is_left_open() -> None:
    with ThreadPoolExecutor(1) as executor:
        swept(engine=executor)
        assert isinstance(executor, Executor) and executor.submit(lambda: 7).result() == 7
