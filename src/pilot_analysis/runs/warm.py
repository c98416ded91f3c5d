"""A process that has the packages loaded: steps and kernels of a run on this machine are forks of it.

Loading them takes longer than most steps. A fork starts as a new process would, only with its
imports done: the process itself makes nothing. Where there is none (on a cluster, after the driver
has ended) a step loads what it needs, so no result depends on it.
"""

import contextlib
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from pilot_analysis import forked
from pilot_analysis.imports import without_iri_grammar
from pilot_analysis.runs import ONE_THREAD, forks
from pilot_analysis.runs.making import do, mark_begun
from pilot_analysis.runs.one_step import BEGUN, SOCKET, request

# What the first steps need comes first, since a fork made meanwhile has no more; last, what steps
# load only where they use it.
LOADED = (
    "pilot_analysis.runs.steps.simulate",
    "pilot_analysis.runs.steps.ingest",
    "papermill",
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib_inline.backend_inline",
    "pilot_analysis.workbench",
    "pilot_analysis.evaluation.checks",
    "pilot_analysis.evaluation.evidence",
    "pilot_analysis.inference.studies",
    "pilot_analysis.runs.steps.notebook",
    "pilot_analysis.runs.steps.report",
    "pilot_analysis.runs.steps.site",
    "pilot_analysis.runs.steps.publish",
    "psutil",
    "nh3",
    "fluent.runtime",
    "nbconvert",
    "pilot_analysis.disclosure.audit",
)


@contextlib.contextmanager
def started(log: IO[str]) -> Iterator[dict[str, str]]:
    """Start the process inside this block; gives what steps find it by. It ends with its driver.

    Its socket lies in an owner-only folder.
    """
    if sys.platform != "linux":  # elsewhere libraries may not be used in a fork
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="pilot-", dir=forks.short_folder()) as folder:
        path = f"{folder}/warm"
        alone = len(list(Path("/proc/self/task").iterdir())) == 1
        with _forked(path, log) if alone else _spawned(path, log):
            yield {SOCKET: path}


@contextlib.contextmanager
def doing(
    workflow: Path, names: Iterable[str], environment: Mapping[str, str], log: IO[str]
) -> Iterator[None]:
    """Let forks begin steps before the workflow asks for them, which then waits for their end.

    They end with this block.
    """
    with contextlib.ExitStack() as held:
        with Path(os.devnull).open() as nothing:
            for name in names:
                line = held.enter_context(socket.socket(socket.AF_UNIX))
                mark_begun(workflow, name)
                with contextlib.suppress(OSError):  # the process was killed: the workflow does them
                    streams = (nothing.fileno(), log.fileno(), log.fileno())
                    request(line, workflow, name, environment, streams)
        yield


@contextlib.contextmanager
def _forked(path: str, log: IO[str]) -> Iterator[None]:
    """Let a fork of this process be it: much is loaded here already."""
    driver, own = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        forks.end(_serve_from_here, path, driver, log.fileno())
    os.close(driver)
    try:
        yield
    finally:
        os.close(own)
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def _serve_from_here(path: str, driver: int, log: int) -> int:
    for number, descriptor in enumerate((driver, log, log)):
        os.dup2(descriptor, number)
    # The driver's locks and lines must end with the driver.
    os.closerange(3, forks.DESCRIPTORS)
    serve(path)
    return 0


@contextlib.contextmanager
def _spawned(path: str, log: IO[str]) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-m", __name__, path],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def serve(path: str) -> None:
    """Load the packages, and fork for whoever asks; ends when standard input does."""
    os.environ.update(ONE_THREAD)
    waiting = list(LOADED)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        while True:
            ready, _, _ = select.select([0, listening.fileno()], [], [], 0 if waiting else None)
            if 0 in ready:
                return
            if ready:
                line, _ = listening.accept()
                if os.fork() == 0:
                    listening.close()
                    forks.end(_work, line)
                line.close()
            elif waiting:
                with without_iri_grammar():
                    importlib.import_module(waiting.pop(0))
                if not waiting:
                    _read_words()
                    gc.freeze()  # forks share what stays as it is
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _read_words() -> None:
    from pilot_analysis.catalogue.language import languages, message_names

    for language in languages():
        message_names(language)


def _work(line: socket.socket) -> int:
    """Do a step in the place of who asked, and answer with the exit code."""
    forked.mark(fresh=True)
    first, given, _, _ = socket.recv_fds(line, 1, 3)
    with line.makefile("rb") as rest:
        asked = json.loads(first + rest.readline())
    for number, descriptor in enumerate(given):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    line.sendall(BEGUN)
    _die_with(line)
    code = do(Path(asked["workflow"]), asked["name"])
    sys.stdout.flush()
    sys.stderr.flush()
    with contextlib.suppress(OSError):
        line.sendall(str(code).encode())
    return code


def _die_with(line: socket.socket) -> None:
    """End this process when the other end is closed."""
    look = select.poll()
    look.register(line, 0)

    def end(*_: object) -> None:
        if look.poll(0):
            os._exit(1)

    signal.signal(signal.SIGIO, end)
    fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(line, fcntl.F_SETFL, os.O_ASYNC)
    end()  # it may have been closed before


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder this was started in
    # `python -m` runs this file as a module of another name; forks use the one that others import.
    from pilot_analysis.runs import warm

    with contextlib.suppress(KeyboardInterrupt):
        warm.serve(sys.argv[1])
