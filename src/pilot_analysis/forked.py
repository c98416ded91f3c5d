"""The same work for several things at once, in forks of this process, where it may have any.

A library that has started threads may wait for ever in a fork, so a process has to say that it has
none: a step of a run that is a fresh fork itself. Everywhere else things are done one by one.
"""

import multiprocessing
import os
import struct
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from typing import Any, TypeVar

_Thing = TypeVar("_Thing")
_Made = TypeVar("_Made")
_PLACES = struct.Struct("=II")  # from, to; a pipe gives or keeps so few bytes as a whole
_IN_A_PIPE = 512  # so many fit into a page, all that a system may give

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

    What `do` returns must be picklable. A fork begins with one thing and takes another whenever it
    is done, so the largest should come first. It ends when none is left, also where this process
    was killed meanwhile: no fork waits for more.

    Raises:
        Exception: what `do` raised, of the first fork in which it did.
        ChildProcessError: a fork was killed.

    Examples:
        >>> each(str.upper, ["a", "b", "c"])
        ['A', 'B', 'C']

    """
    listed = list(things)
    n = min(len(listed), _cores())
    if n < 2:
        return [do(thing) for thing in listed]
    context = multiprocessing.get_context("fork")
    left = _left(n, len(listed))
    forks = []
    try:
        for first in range(1, n):
            ours, theirs = context.Pipe(duplex=False)
            fork = context.Process(target=_send, args=(do, listed, first, left, theirs))
            fork.start()
            theirs.close()
            forks.append((fork, ours))
        # Also where the own share fails the others are waited for: they may write beside it.
        answers = [_answer(do, listed, 0, left), *(_received(line) for _, line in forks)]
    finally:
        os.close(left)
    for fork, _ in forks:
        fork.join()
    made: dict[int, Any] = {}
    for found, error in answers:
        if error is not None:
            raise error
        made |= found
    return [made[place] for place in range(len(listed))]


def _left(first: int, end: int) -> int:
    """Return a pipe with the places from `first` to `end`, a few together where there are many.

    All are there before anybody reads: a fork that is killed takes none with it but its own.
    """
    taking, giving = os.pipe()
    together = 1 + (end - first) // _IN_A_PIPE
    for place in range(first, end, together):
        os.write(giving, _PLACES.pack(place, min(place + together, end)))
    os.close(giving)
    return taking


def _cores() -> int:
    if not _fresh or sys.platform != "linux":  # elsewhere libraries may not be used in a fork
        return 1
    return len(os.sched_getaffinity(0))


_Answer = tuple[dict[int, Any], Exception | None]


def _answer(do: Callable[[Any], Any], things: Sequence[Any], first: int, left: int) -> _Answer:
    """Do the first thing, then what is left, as long as there is any."""
    made = {}
    try:
        made[first] = do(things[first])
        while taken := os.read(left, _PLACES.size):
            for place in range(*_PLACES.unpack(taken)):
                made[place] = do(things[place])
    except Exception as error:
        return {}, error
    return made, None


def _send(
    do: Callable[[Any], Any], things: Sequence[Any], first: int, left: int, line: Connection
) -> None:
    made, error = _answer(do, things, first, left)
    if error is not None:
        error.add_note("".join(traceback.format_exception(error)))  # what is sent has no traceback
    line.send((made, error))


def _received(line: Connection) -> _Answer:
    try:
        answer: _Answer = line.recv()
        return answer
    except EOFError:
        return {}, ChildProcessError("a fork of this process was killed")
