"""Load: ten runs at once, a run in 2 GiB, and two hundred runs that leave nothing growing.

    .venv/bin/python benchmarks/load.py ten
    .venv/bin/python benchmarks/load.py memory     # needs the right to make a control group
    .venv/bin/python benchmarks/load.py week

`--runs` asks for fewer, to try it. `ten` and `week` run notebook 03 of a small municipality; `memory` the whole default run.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PILOT = str(Path(sys.executable).with_name("pilot"))
LIMIT = 2 * 2**30


def exports(folder):
    subprocess.run(
        [PILOT, "simulate", "--municipality", "small", "--out", str(folder)],
        check=True,
        capture_output=True,
    )
    grid = folder.parent / "grid.yml"
    grid.write_text("set: {bootstrap_draws: 99, max_placements: 500}\ngrid: {ci_level: [0.9]}\n")
    return grid


def sweep(grid, raw, out, **options):
    command = [
        PILOT,
        "sweep",
        str(grid),
        "--raw",
        str(raw),
        "--out",
        str(out),
        "--notebook",
        "03_attendance",
    ]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, **options
    )


def ten(scratch, runs=10):
    """Make runs at once on the same exports; each must give what one alone gives."""
    grid = exports(scratch / "raw")
    begun = time.monotonic()
    alone = sweep(grid, scratch / "raw", scratch / "alone")
    alone.communicate()
    one = time.monotonic() - begun
    begun = time.monotonic()
    started = [sweep(grid, scratch / "raw", scratch / f"run{n}") for n in range(runs)]
    codes = [(p.communicate(), p.returncode)[1] for p in started]
    all_ten = time.monotonic() - begun
    wanted = (scratch / "alone" / "sweep.csv").read_bytes()
    equal = sum((scratch / f"run{n}" / "sweep.csv").read_bytes() == wanted for n in range(runs))
    print(
        f"one {one:.0f} s, {runs} at once {all_ten:.0f} s ({all_ten / one:.1f} times), "
        f"{codes.count(0)} ended well, {equal} equal the one alone"
    )
    return codes.count(0) == equal == runs


def memory(scratch):
    """Run the default run, all its processes together, in a control group of 2 GiB."""
    old = Path("/sys/fs/cgroup/memory")  # control groups of version 1
    limit, peak = (
        ("memory.limit_in_bytes", "memory.max_usage_in_bytes")
        if old.exists()
        else ("memory.max", "memory.peak")
    )
    group = (old if old.exists() else old.parent) / f"pilot-load-{os.getpid()}"
    try:
        group.mkdir()
        (group / limit).write_text(str(LIMIT))
    except OSError as error:
        print(f"no control group can be made here: {error}")
        return False

    def enter():
        (group / "cgroup.procs").write_text(str(os.getpid()))

    begun = time.monotonic()
    done = subprocess.run(
        [PILOT, "run", "--out", str(scratch / "out")],
        cwd=ROOT,
        preexec_fn=enter,
        text=True,
        capture_output=True,
        env=os.environ | {"PILOT_MEMORY": "1GB"},
        check=False,
    )
    used = int((group / peak).read_text()) / 2**30
    events = group / ("memory.oom_control" if old.exists() else "memory.events")
    told = events.read_text().split()
    killed = told[told.index("oom_kill") + 1]
    group.rmdir()
    print(
        f"exit {done.returncode} in {time.monotonic() - begun:.0f} s, peak {used:.2f} GiB of 2 "
        f"(files in cache included), {killed} processes killed"
    )
    if done.returncode:
        print(done.stderr)
    return done.returncode == 0 and killed == "0"


def standing(*folders):
    """Return how many files stand in folders, and their bytes."""
    sizes = [p.stat().st_size for f in folders for p in f.rglob("*") if p.is_file()]
    return len(sizes), sum(sizes)


def week(scratch, runs=200):
    """Make runs of one folder, with another value for every second quarter: nothing grows."""
    quarter = max(1, runs // 4)
    grid = exports(scratch / "raw")
    home, temporary = scratch / "home", scratch / "tmp"
    home.mkdir()
    temporary.mkdir()
    places = {"HOME": str(home), "TMPDIR": str(temporary)}
    seen = {}
    compared = (2 * quarter + 1, 3 * quarter, 4 * quarter)
    for number in range(1, compared[-1] + 1):
        level = 0.9 if (number // quarter) % 2 else 0.95
        grid.write_text(
            "set: {bootstrap_draws: 99, max_placements: 500, "
            f"ci_level: {level}}}\ngrid: {{first_term: [HT2017]}}\n"
        )
        run = sweep(grid, scratch / "raw", scratch / "out", env=os.environ | places)
        told, _ = run.communicate()
        assert run.returncode == 0, told
        if number in compared:
            seen[number] = (standing(scratch / "out"), standing(home, temporary))
            print(number, *seen[number], flush=True)
    first, last = seen[compared[0]], seen[compared[-1]]
    return all(b[0] <= a[0] and b[1] <= 1.01 * a[1] for a, b in zip(first, last, strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["ten", "memory", "week"])
    parser.add_argument("--runs", type=int, help="of ten (10) or week (200, in quarters)")
    given = parser.parse_args()
    if given.part == "memory" and given.runs is not None:
        parser.error("memory is one run; --runs is for ten and week")
    part = {"ten": ten, "memory": memory, "week": week}[given.part]
    asked = {} if given.runs is None else {"runs": given.runs}
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(0 if part(Path(scratch), **asked) else 1)


if __name__ == "__main__":
    main()
