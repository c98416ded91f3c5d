#!/usr/bin/env python3
"""A queue with two workers on this machine: `submit SCRIPT`, `status JOB`, or jobs to cancel.

A job is a process of its own that waits for a free worker, runs its script, and leaves its exit
code. One that was killed leaves none, and its lock is free: it failed. Nothing runs in between.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

WORKERS = int(os.environ.get("PILOT_WORKERS", "2"))
QUEUE = Path(
    os.environ.get("PILOT_QUEUE", Path(tempfile.gettempdir()) / f"pilot-queue-{os.getuid()}")
)


def submit(script: str) -> str:
    """Start a job and return its name."""
    QUEUE.mkdir(mode=0o700, parents=True, exist_ok=True)
    job = uuid.uuid4().hex
    # The lock is taken before the name is known to anybody: a job that holds none is dead.
    lock = (QUEUE / f"{job}.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    with (QUEUE / f"{job}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, __file__, "work", job, script], stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True, pass_fds=[lock.fileno()],
        )  # fmt: skip
    (QUEUE / f"{job}.pid").write_text(str(process.pid))
    return job


def work(job: str, script: str) -> None:
    """Wait for a worker, run the script, leave its exit code."""
    with _worker():
        code = subprocess.run(["sh", script], check=False).returncode
    partial = QUEUE / f"{job}.partial"
    partial.write_text(str(code))
    partial.rename(QUEUE / f"{job}.code")


@contextlib.contextmanager
def _worker():
    """Hold one of the workers' locks; the kernel gives it back however the job ends."""
    while True:
        for number in range(WORKERS):
            slot = (QUEUE / f"worker-{number}").open("w")
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                slot.close()
                continue
            with slot:
                yield
            return
        time.sleep(0.05)


def status(job: str) -> str:
    """Say whether a job is running, was a success, or failed."""
    code = QUEUE / f"{job}.code"
    with (QUEUE / f"{job}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return "running"
    if not code.exists() or code.read_text() != "0":
        return "failed"
    for path in QUEUE.glob(f"{job}.*"):
        path.unlink()
    return "success"


def cancel(jobs: list[str]) -> None:
    """End jobs and all that they started."""
    for job in jobs:
        with contextlib.suppress(OSError, ValueError):
            os.killpg(int((QUEUE / f"{job}.pid").read_text()), signal.SIGTERM)


if __name__ == "__main__":
    if sys.argv[1:2] == ["submit"]:
        print(submit(sys.argv[2]))
    elif sys.argv[1:2] == ["status"]:
        print(status(sys.argv[2]))
    elif sys.argv[1:2] == ["work"]:
        work(sys.argv[2], sys.argv[3])
    else:
        cancel(sys.argv[1:])
