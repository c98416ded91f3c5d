"""`python -m pilot_analysis.runs.one_step NAME`: what a workflow calls for each step, in its folder.

A run has many steps, so this loads next to nothing where the warm process does the work.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

SOCKET = "PILOT_WARM"  # in the environment of steps: where the warm process listens
BEGUN = b"."  # a fork's first answer; its second is the exit code


def request(
    line: socket.socket,
    workflow: Path,
    name: str,
    environment: Mapping[str, str],
    streams: Sequence[int] = (0, 1, 2),
) -> None:
    """Ask for a step in the folder of its workflow; closing the line ends the fork that does it.

    Raises `OSError` where nobody listens.
    """
    line.connect(environment[SOCKET])
    asked = {"workflow": str(workflow), "name": name, "folder": str(workflow.parent)}
    text = json.dumps(asked | {"environment": dict(environment)}).encode() + b"\n"
    socket.send_fds(line, [text[:1]], streams)
    line.sendall(text[1:])


def ask(workflow: Path, name: str) -> int | None:
    """Let a fork do a step; returns its exit code, None where nobody listens.

    A fork that is killed takes this process with it: whoever waits for this one learns how.
    """
    if not os.environ.get(SOCKET):
        return None
    with socket.socket(socket.AF_UNIX) as line:
        begun = answer = b""
        try:
            request(line, workflow, name, os.environ)
            begun = line.recv(len(BEGUN))
            answer = line.recv(16)
        except OSError:
            pass  # it has ended, or the fork was killed
    if not begun:
        return None
    if not answer:
        os.kill(os.getpid(), signal.SIGKILL)
    return int(answer)


def _main() -> int:
    workflow, name = Path("workflow.json").absolute(), sys.argv[1]
    code = ask(workflow, name)
    if code is None:
        from pilot_analysis.runs.making import do

        code = do(workflow, name)
    return code


if __name__ == "__main__":
    sys.exit(_main())
