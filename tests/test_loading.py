"""Snakemake loads while it is still being found out what is stale."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pilot_analysis.runs.loading import Snakemake

_PATIENCE = 60


@pytest.fixture
def told(tmp_path):
    """Return how to tell a Snakemake to say its version, in a folder with a log and a lock."""
    with (tmp_path / "log").open("w") as log, (tmp_path / "lock").open("w") as lock:

        def tell(snakemake, *arguments, environment=os.environ):
            process = snakemake.start(
                arguments, folder=tmp_path, environment=environment, log=log, lock=lock.fileno()
            )
            return process.wait(_PATIENCE), (tmp_path / "log").read_text()

        yield tell


@pytest.mark.slow
@pytest.mark.parametrize("cores", [1, 2])
def test_it_does_what_it_is_told_loaded_before_or_not(told, cores, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    with Snakemake() as snakemake:
        assert (snakemake._process is None) == (cores == 1)
        code, said = told(snakemake, "--version")
        assert (code, said.count(".")) == (0, 2)
        # A second one in the same block is a process of its own.
        code, said = told(snakemake, "--no-such-option")
        assert code == 2
        assert "--no-such-option" in said


@pytest.mark.slow
def test_a_package_that_cannot_be_loaded_is_told_in_the_log(told, tmp_path, monkeypatch):
    (tmp_path / "snakemake.py").write_text("raise ValueError('half installed')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Snakemake() as snakemake:
        code, said = told(snakemake, "--version")
    assert code == 1
    assert "ValueError: half installed" in said


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_ends_where_nothing_is_stale_and_where_the_driver_is_killed():
    with Snakemake() as snakemake:
        process = snakemake._process
    assert process.poll() == -signal.SIGKILL

    driver = (
        "import os; from pilot_analysis.runs.loading import Snakemake\n"
        "s = Snakemake(); s._load(); print(s._process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", driver], capture_output=True, text=True)
    state, end = Path(f"/proc/{int(done.stdout)}/stat"), time.monotonic() + _PATIENCE
    while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < end, "it waits for a driver that is gone"
        time.sleep(0.05)


def test_without_standard_streams_the_next_files_do_not_take_their_places(tmp_path):
    look = (
        "import sys; from pathlib import Path; from pilot_analysis.cli import common\n"
        "common.open_standard_streams()\n"
        "streams = sys.stdin, sys.stdout, sys.stderr\n"
        "Path('told').write_text(str([s.fileno() for s in streams])); print('heard by nobody')"
    )
    command = f"exec {shlex.join([sys.executable, '-c', look])} <&- >&- 2>&-"
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    assert (tmp_path / "told").read_text() == "[0, 1, 2]"
