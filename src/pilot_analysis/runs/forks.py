"""A step that is a fork, and its notebook's kernel, which is one too.

Apart from `warm`, which loads every step: a notebook hangs on what it imports, and not on them.
"""

import contextlib
import ctypes
import json
import math
import os
import queue
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from pilot_analysis import forked

_INLINE = "module://matplotlib_inline.backend_inline"  # what a kernel draws with
_LOOK_SECONDS = 0.01  # between two looks at whether a kernel has ended
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
_KERNEL = ("-m", "ipykernel_launcher")
DESCRIPTORS = 4096  # a fork that lives longer keeps no file open of what it was forked from


def short_folder() -> str | None:
    """Return where folders of sockets go: a socket's path has room for about 100 bytes."""
    return None if len(os.fsencode(tempfile.gettempdir())) <= 70 else "/tmp"


def end(work: Callable[..., int], *arguments: Any) -> NoReturn:
    """Do a fork's work and end it: what it was forked from is not its to tidy up."""
    code = 1
    try:
        code = work(*arguments)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def kernel_arguments() -> dict[str, Any]:
    """Return what papermill needs in a fork, so that a notebook's kernel is one, too.

    The kernel is forked now, before sockets and threads, and waits until it is started.
    """
    if not forked.is_fresh():
        return {}
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import Type

    spare = _Spare()

    class Client(AsyncKernelClient):
        async def wait_for_ready(self, timeout: float | None = None) -> None:
            """Return when both channels have answered; `super` waits for .2 s of silence, too."""
            until = time.monotonic() + (timeout or math.inf)
            while True:
                self.kernel_info()
                with contextlib.suppress(queue.Empty):
                    reply = await self.get_shell_msg(timeout=1)
                    await self.get_iopub_msg(timeout=0.2)
                    if reply["msg_type"] == "kernel_info_reply":
                        self._handle_kernel_info_reply(reply)
                        return
                if not await self.is_alive() or time.monotonic() > until:
                    raise RuntimeError("the kernel did not start")

    class Manager(AsyncKernelManager):
        client_factory = Type(Client, klass=AsyncKernelClient)

        async def _async_wait(self, pollinterval: float = _LOOK_SECONDS) -> None:
            await super()._async_wait(min(pollinterval, _LOOK_SECONDS))

        async def _async_launch_kernel(self, kernel_cmd: list[str], **options: Any) -> None:
            if tuple(kernel_cmd[1:3]) != _KERNEL:
                return await super()._async_launch_kernel(kernel_cmd, **options)
            spare.start(kernel_cmd[3:], options)
            provisioner: Any = self.provisioner
            provisioner.process = spare
            provisioner.pid = provisioner.pgid = spare.pid
            provisioner.cwd = options.get("cwd") or Path.cwd()
            self._reconcile_connection_info(provisioner.connection_info)
            return None

    return {"kernel_manager_class": Manager}


class _Spare:
    """A process that becomes a kernel when it is started; used as `subprocess.Popen` is."""

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        orders, self._orders = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            end(_be_kernel, orders)
        os.close(orders)

    def start(self, arguments: Sequence[str], options: dict[str, Any]) -> None:
        order = {
            "arguments": arguments,
            "environment": dict(options.get("env") or os.environ),
            "folder": str(options.get("cwd") or Path.cwd()),
            "step": os.getpid(),
        }
        with os.fdopen(self._orders, "w") as pipe:
            json.dump(order, pipe)

    def poll(self) -> int | None:
        return self.wait(os.WNOHANG)

    def wait(self, how: int = 0) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, how)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def _be_kernel(orders: int) -> int:
    """Become a kernel once told to, and end with it."""
    forked.mark(fresh=False)  # a kernel has threads
    os.setsid()  # as jupyter_client starts one
    # The step's locks and its line must end with the step.
    os.closerange(3, orders)
    os.closerange(orders + 1, DESCRIPTORS)
    with os.fdopen(orders) as pipe:
        text = pipe.read()
    if text:
        _run_kernel(**json.loads(text))
    return 0


def _keep_freed_memory() -> None:
    """Use again what is freed: models free and ask for the same megabytes thousands of times."""
    with contextlib.suppress(OSError, AttributeError):  # a C library of another kind
        library = ctypes.CDLL(None)
        library.mallopt(_M_TRIM_THRESHOLD, 1 << 30)
        library.mallopt(_M_MMAP_THRESHOLD, 1 << 25)


def _run_kernel(arguments: list[str], environment: dict[str, str], folder: str, step: int) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    _keep_freed_memory()
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    # Nobody debugs the kernel of a run, and the debugger takes half a second to load.
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    import matplotlib
    from ipykernel import kernelapp

    # Both are read from the environment when modules are loaded, which was before.
    sys.argv = ["ipykernel_launcher", *arguments, f"--IPKernelApp.parent_handle={step}"]
    matplotlib.rcParams["backend"] = os.environ.get("MPLBACKEND", _INLINE)
    kernelapp.launch_new_instance()
