"""A run that is killed, or meets a full disk, goes on with the same command to the same results."""

import itertools
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FEW_DRAWS, ROOT
from real_runs import command

PILOT = Path(sys.executable).with_name("pilot")
KILLS = 8


def start(raw, out, key, **options):
    return subprocess.Popen(
        [str(PILOT), *command(raw, out, FEW_DRAWS)],
        cwd=ROOT,
        env=os.environ | {"PILOT_KEY_FILE": str(key)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **options,
    )


def published(folder):
    """Return what readers see, by name; without what tells when and how long."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "manifest.json"
    }


@pytest.mark.long
def test_a_hostile_name_stays_text_in_all_that_a_run_publishes(real_runs):
    told_in_pages = 0
    for name, content in published(real_runs[0] / "reports" / "with").items():
        if name.endswith((".html", ".svg")):
            assert b"<script>alert(4711)" not in content, name
            told_in_pages += b"alert(4711)" in content
        if name.endswith(".csv"):
            assert not re.search(rb'(^|,)"?=CMD', content, re.MULTILINE), name
    assert told_in_pages


@pytest.mark.long
def test_a_run_killed_at_any_moment_and_on_a_full_disk_ends_the_same(real_runs, tmp_path):
    first, _ = real_runs
    raw, key = tmp_path / "raw", first / "key" / "key"
    shutil.copytree(first / "raw" / "with", raw)
    # The first half of the kills falls on other exports: a pupil's grades come later.
    grades = raw / "betyg.csv"
    new = grades.read_text(encoding="utf-8")
    old = "".join(new.splitlines(keepends=True)[:-5])
    reference = published(first / "reports" / "with")
    outs = (tmp_path / f"killed{n}" for n in itertools.count())
    out, moments, killed = next(outs), random.Random(20190819), 0
    while killed < KILLS:
        changed = killed >= KILLS // 2
        grades.write_text(new if changed else old, encoding="utf-8")
        run = start(raw, out, key)
        try:
            told, _ = run.communicate(timeout=moments.uniform(0.5, 6))
            assert run.returncode == 0, told
            assert (published(out) == reference) == changed
            out = (
                next(outs) if changed else out
            )  # finished between two kills: the rest fall on another run
            continue
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.communicate()
            killed += 1
        # What stands there is whole: equal to the finished run's, file by file.
        for name, content in published(out).items() if changed else ():
            assert reference.get(name) == content, f"{name} after kill {killed}"
    full = start(
        raw,
        out,
        key,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    told, _ = full.communicate(timeout=1500)
    assert "Traceback" not in told
    last = start(raw, out, key)
    told, _ = last.communicate(timeout=1500)
    assert last.returncode == 0, told
    assert published(out) == reference
