"""The same work side by side in forks: as one after the other, and no failure is lost."""

import os
import signal

import pytest

from pilot_analysis import forked


@pytest.fixture(params=[1, 2, 3])
def cores(request, monkeypatch):
    monkeypatch.setattr(forked, "_cores", lambda: request.param)
    return request.param


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_results_come_in_the_order_of_the_things(n, cores):
    assert forked.each(lambda i: i**2, range(n)) == [i**2 for i in range(n)]


def test_every_core_has_a_share(cores):
    made = forked.each(lambda _: os.getpid(), range(6))
    assert made[0] == os.getpid()
    assert len(set(made)) == cores


def test_a_fork_that_is_done_takes_what_is_left(monkeypatch):
    monkeypatch.setattr(forked, "_cores", lambda: 2)
    taking, giving = os.pipe()

    def wait(i):
        if i == 0:
            os.read(taking, 1)  # until the other fork has done all the rest
        elif i == 6:
            os.write(giving, b".")
        return os.getpid()

    made = forked.each(wait, range(7))
    assert len(set(made[1:])) == 1
    assert made[0] != made[1]


def test_there_may_be_more_things_than_a_pipe_holds(cores):
    assert forked.each(abs, range(-70_000, 0)) == [*range(70_000, 0, -1)]


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_a_failure_in_any_share_is_raised_after_the_others_have_ended(wrong, cores, tmp_path):
    def write(i):
        if i == wrong:
            raise ValueError(f"thing {i}")
        (tmp_path / str(i)).touch()

    with pytest.raises(ValueError, match=f"thing {wrong}"):
        forked.each(write, range(3))
    # With a core each, the others' things are done; their forks have ended.
    if cores == 3:
        assert {path.name for path in tmp_path.iterdir()} == {"0", "1", "2"} - {str(wrong)}


def test_only_a_process_that_is_a_fresh_fork_has_forks():
    """Typst, Arrow and others wait for ever in a fork of a process that has used them."""
    assert not forked.is_fresh()
    assert set(forked.each(lambda _: os.getpid(), range(4))) == {os.getpid()}


def test_a_fork_that_is_killed_is_told():
    def end(i):
        if i == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forked, "_cores", lambda: 2)
        with pytest.raises(ChildProcessError):
            forked.each(end, range(2))
