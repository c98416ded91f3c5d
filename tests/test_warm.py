"""Steps of a run on one machine are forks of a process that has the packages loaded."""

import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pilot_analysis.errors import PilotError
from pilot_analysis.runs import ONE_THREAD, making, one_step, snakemake, warm
from pilot_analysis.runs.making import FAILED, RUNNING, Made, Workflow
from pilot_analysis.runs.stamps import Step

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks are made on Linux only")
STEP = "simulate"
_PATIENCE = 60


def children(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def waited_for(look):
    """Return what `look` gives once it gives something."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def is_over(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a workflow whose step waits for a lock that this process holds."""
    step = Step(STEP, STEP, tmp_path / "config.json", tmp_path / f"{STEP}.json")
    Workflow({STEP: step}, {STEP: "key"}, {}).write(tmp_path / "workflow.json")
    with (tmp_path / f".{STEP}.json.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield tmp_path


def ask(folder, environment, name=STEP):
    return subprocess.Popen(
        [sys.executable, "-m", "pilot_analysis.runs.one_step", name],
        cwd=folder,
        env=os.environ | environment,
        stderr=subprocess.PIPE,
        text=True,
    )


DRIVER = """
import sys, threading
from pilot_analysis.runs import warm
if "threads" in sys.argv:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
with open("log", "w") as log, warm.started(log) as environment:
    print(environment[warm.SOCKET], flush=True)
    sys.stdin.read()
"""


@pytest.fixture(params=["alone", "threads"])
def driver(request, folder):
    """Return a process that has started the warm one (a fork of it, if it is alone), and its socket."""
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, request.param],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as started:
        path = Path(started.stdout.readline().strip())
        waited_for(path.exists)
        (server,) = children(started.pid)
        command = Path(f"/proc/{server}/cmdline").read_text()
        assert ("runs.warm" in command.split("\0")[2]) == (request.param == "threads")
        yield started, path, server
        started.kill()


@pytest.mark.slow
def test_who_asks_and_who_works_end_together(folder, driver):
    started, path, server = driver
    mark = folder / "told" / f"{STEP}{RUNNING}"
    for killed in ("who asks", "who works"):
        asked = ask(folder, {one_step.SOCKET: str(path)})
        waited_for(mark.exists)
        (fork,) = (pid for pid in children(server) if not is_over(pid))
        os.kill(asked.pid if killed == "who asks" else fork, signal.SIGKILL)
        asked.communicate(timeout=_PATIENCE)
        assert asked.returncode == -signal.SIGKILL
        waited_for(lambda fork=fork: is_over(fork))
        mark.unlink()
    started.stdin.close()
    waited_for(lambda: is_over(server))
    assert started.wait() == 0


@pytest.mark.slow
def test_a_step_that_is_begun_ends_with_who_began_it(folder, driver):
    _, path, server = driver
    (folder / "told").mkdir()
    found = os.environ | {one_step.SOCKET: str(path)}
    with (
        (folder / "log").open("a") as log,
        warm.doing(folder / "workflow.json", [STEP], found, log),
    ):
        waited_for((folder / "told" / f"{STEP}{RUNNING}").exists)
        (fork,) = (pid for pid in children(server) if not is_over(pid))
    waited_for(lambda: is_over(fork))


def test_a_step_is_begun_by_the_workflow_where_nobody_listens(folder):
    (folder / "told").mkdir()
    found = {one_step.SOCKET: str(folder / "nowhere")}
    with (
        (folder / "log").open("a") as log,
        warm.doing(folder / "workflow.json", [STEP], found, log),
    ):
        pass


@pytest.mark.parametrize("fails", [True, False], ids=["fails", "is made"])
@pytest.mark.parametrize("begun", [True, False], ids=["begun before", "asked for twice"])
def test_the_workflow_does_not_repeat_what_was_begun(begun, fails, tmp_path, monkeypatch):
    """A cluster may try a step that failed once more; one that was begun here has told how it went."""
    (tmp_path / "told").mkdir()
    step = Step(STEP, STEP, tmp_path / "config.json", tmp_path / f"{STEP}.json")
    Workflow({STEP: step}, {STEP: "key"}, {}).write(tmp_path / "workflow.json")
    made = []

    def make(_):
        made.append(1)
        if fails:
            raise PilotError(f"attempt {len(made)}")
        (tmp_path / "out").touch()
        return Made([tmp_path / "out"], ["a remark"])

    monkeypatch.setattr(making, "_make", make)
    if begun:
        making.mark_begun(tmp_path / "workflow.json", STEP)
    codes = [making.do(tmp_path / "workflow.json", STEP) for _ in range(2)]
    assert codes == [int(fails)] * 2
    assert len(made) == (2 if fails and not begun else 1)
    told = (tmp_path / "told" / f"{STEP}{FAILED if fails else ''}").read_text()
    assert (f"attempt {len(made)}" if fails else "a remark") in told


@pytest.mark.parametrize("fails", [True, False], ids=["fails", "is made"])
def test_how_a_step_went_is_told_before_another_may_begin_it(fails, tmp_path, monkeypatch):
    """Who waits for its lock looks for what was told: told later, a step would be done twice."""
    step = Step(STEP, STEP, tmp_path / "config.json", tmp_path / f"{STEP}.json")
    Workflow({STEP: step}, {STEP: "key"}, {}).write(tmp_path / "workflow.json")
    kinds, tell = [], making._tell

    def look(told, name, words, kind=""):
        if kind != RUNNING:
            with (tmp_path / f".{STEP}.json.lock").open() as lock, pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            kinds.append(kind)
        tell(told, name, words, kind)

    def make(_):
        if fails:
            raise PilotError("no")
        return Made([])

    monkeypatch.setattr(making, "_tell", look)
    monkeypatch.setattr(making, "_make", make)
    assert making.do(tmp_path / "workflow.json", STEP) == int(fails)
    assert kinds == [FAILED if fails else ""]


def test_what_waits_for_nothing_is_begun_in_the_workflow_s_order(tmp_path):
    def step(name, needs, seconds):
        return Step(name, name, tmp_path, tmp_path / name, needs=needs, seconds=seconds)

    steps = [step("ingest", (), 9), step("a", ("ingest",), 1), step("b", ("ingest",), 5)]
    steps.append(step("report", ("a", "b"), 2))
    workflow = Workflow({s.name: s for s in steps}, {}, {})
    assert snakemake._first(workflow, steps) == ["ingest"]
    assert snakemake._first(workflow, steps[1:]) == ["b", "a"]
    assert snakemake._first(workflow, steps[3:]) == ["report"]


@pytest.mark.slow
def test_it_ends_with_a_driver_that_is_killed(driver):
    started, _, server = driver
    started.kill()
    waited_for(lambda: is_over(server))


@pytest.mark.slow
def test_a_fork_speaks_for_who_asks_and_answers_with_its_exit_code(folder, driver):
    _, path, _ = driver
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    asked = ask(folder, {one_step.SOCKET: str(path)}, "no such step")
    _, told = asked.communicate(timeout=_PATIENCE)
    assert asked.returncode == 1
    assert "KeyError: 'no such step'" in told
    assert "KeyError" not in (folder / "log").read_text()


def test_who_asks_loads_next_to_nothing():
    """It starts for every step of a run, and every package that it loads makes all of them later."""
    look = "import sys, pilot_analysis.runs.one_step; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert not {"click", "numpy", "pandas", "pilot_analysis.cli"} & {*done.stdout.split()}


@pytest.mark.parametrize("path", ["", "nowhere"])
def test_where_nobody_listens_a_step_is_done_here(path, monkeypatch, tmp_path):
    monkeypatch.setenv(one_step.SOCKET, path and str(tmp_path / path))
    assert one_step.ask(tmp_path / "workflow.json", STEP) is None


@pytest.mark.slow
def test_what_is_loaded_starts_no_thread():
    """A fork of a process with threads may wait for ever for what another thread held."""
    look = (
        "import importlib, os; from pilot_analysis.runs import warm\n"
        "for name in warm.LOADED: importlib.import_module(name)\n"
        "print(len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", look],
        env=os.environ | ONE_THREAD,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["1"]
