"""The same work for several things at once, in forks of this process, where it may have any.

A library that has started threads may wait for ever in a fork, so a process has to say that it has
none: a step of a run that is a fresh fork itself. Everywhere else things are done one by one.
"""

import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from typing import Any, TypeVar

_Thing = TypeVar("_Thing")
_Made = TypeVar("_Made")


_fresh = False


def mark(*, fresh: bool) -> None:
    """Remember whether this process is a fresh fork: none of its libraries has started threads."""
    global _fresh
    _fresh = fresh


def is_fresh() -> bool:
    """Say whether this process is a fresh fork."""
    return _fresh


def each(do: Callable[[_Thing], _Made], things: Iterable[_Thing]) -> list[_Made]:
    """Return `do` of each thing, in their order; side by side on this machine's cores if allowed.

    What `do` returns must be picklable. A fork has a share of the things and ends with it, also
    where this process was killed meanwhile: no fork waits for more.

    Raises:
        Exception: what `do` raised, of the first share in which it did.
        ChildProcessError: a fork was killed.

    Examples:
        >>> each(str.upper, ["a", "b", "c"])
        ['A', 'B', 'C']

    """
    listed = list(things)
    shares = min(len(listed), _cores())
    if shares < 2:
        return [do(thing) for thing in listed]
    context = multiprocessing.get_context("fork")
    forks = []
    for share in range(1, shares):
        ours, theirs = context.Pipe(duplex=False)
        fork = context.Process(target=_do_share, args=(do, listed[share::shares], theirs))
        fork.start()
        theirs.close()
        forks.append((fork, ours))
    # Also where the own share fails the others are waited for: they may write beside it.
    answers = [_answer(do, listed[::shares]), *(_received(line) for _, line in forks)]
    for fork, _ in forks:
        fork.join()
    made: list[Any] = [None] * len(listed)
    for share, (result, error) in enumerate(answers):
        if error is not None:
            raise error
        made[share::shares] = result
    return made


def _cores() -> int:
    if not _fresh or sys.platform != "linux":  # elsewhere libraries may not be used in a fork
        return 1
    return len(os.sched_getaffinity(0))


_Answer = tuple[list[Any], Exception | None]


def _answer(do: Callable[[Any], Any], things: Sequence[Any]) -> _Answer:
    try:
        return [do(thing) for thing in things], None
    except Exception as error:
        return [], error


def _do_share(do: Callable[[Any], Any], things: Sequence[Any], line: Connection) -> None:
    made, error = _answer(do, things)
    if error is not None:
        error.add_note("".join(traceback.format_exception(error)))  # what is sent has no traceback
    line.send((made, error))


def _received(line: Connection) -> _Answer:
    try:
        answer: _Answer = line.recv()
        return answer
    except EOFError:
        return [], ChildProcessError("a fork of this process was killed")
