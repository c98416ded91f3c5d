"""Snakemake in a process that loads its packages while it is still being found out what is stale.

Loading them takes as long as finding out. Where nothing is stale the process is ended.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO


class Snakemake:
    """A Snakemake that is told what to do once its process runs; use it in a `with` block."""

    def __init__(self) -> None:
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Snakemake":
        if (os.cpu_count() or 1) > 1:  # on one core it would only be in the way
            self._load()
        return self

    def __exit__(self, *_: object) -> None:
        if self._line is not None and self._process is not None:
            self._line.close()
            self._process.kill()
            self._process.wait()

    def _load(self) -> tuple[socket.socket, "subprocess.Popen[bytes]"]:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._line, self._process = ours, process
        return ours, process

    def start(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        log: IO[str],
        lock: int,
    ) -> "subprocess.Popen[bytes]":
        """Let it do a command line in a folder; it writes to the log, and holds the lock until it ends."""
        if self._line is None or self._process is None or self._process.poll() is not None:
            line, process = self._load()
        else:
            line, process = self._line, self._process
        self._line = self._process = None
        order = {
            "arguments": arguments,
            "folder": str(folder.absolute()),
            "environment": dict(environment),
        }
        with line:
            socket.send_fds(line, [b"."], [log.fileno(), lock])
            line.sendall(json.dumps(order).encode())
        return process


def _main() -> None:
    with contextlib.suppress(Exception):  # told below, where there is a log
        import snakemake.cli
    with socket.socket(fileno=os.dup(0)) as line:
        begun, descriptors, _, _ = socket.recv_fds(line, 1, 2)
        if not begun:
            return  # nothing is stale
        with line.makefile("rb") as rest:
            order = json.loads(rest.read())
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    log, _lock = descriptors
    for number in (1, 2):
        os.dup2(log, number)
    os.close(log)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.argv[1:] = order["arguments"]
    import snakemake.cli

    snakemake.cli.main()


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder this was started in
    _main()
