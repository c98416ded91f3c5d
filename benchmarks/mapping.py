"""A dump by SS 12000 against the same facts as the contract's CSV, both through the whole of ingest.

    .venv/bin/pilot simulate --out exports
    .venv/bin/python benchmarks/mapping.py exports

The dump is made from the exports by the standard's own schema (tests/ss12000.py). It may take three
times as long as the CSV.
"""

import argparse
import csv
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

KEY = b"k" * 32
BESIDE = ("exponering", "kalender", "mentorer", "elevenkat", "personalenkat", "utskick")


def twins(folder, out):
    """Write the exports with the standard's columns alone as CSV, and the dump of the same."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    import ss12000
    from test_mapping import NOT_IN_THE_STANDARD

    thin, dump = out / "csv", out / "dump"
    thin.mkdir(parents=True)
    for path in sorted(folder.glob("*.csv")):
        with (
            path.open(encoding="utf-8", newline="") as file,
            (thin / path.name).open("w", encoding="utf-8", newline="") as copy,
        ):
            rows = csv.reader(file, delimiter=";")
            header = next(rows)
            kept = [i for i, name in enumerate(header) if name not in NOT_IN_THE_STANDARD]
            writer = csv.writer(copy, delimiter=";", lineterminator="\n")
            writer.writerow([header[i] for i in kept])
            writer.writerows([row[i] for i in kept] for row in rows)
    ss12000.write_dump(thin, dump)
    for stem in BESIDE:
        shutil.copy(thin / f"{stem}.csv", dump)


def measured(folder, out, queue):
    """Ingest a folder; tell the seconds, the peak in GiB and the rows."""
    from pilot_analysis.ingest import ingest

    begun = time.perf_counter()
    report = ingest(folder, out, key=KEY)
    rows = sum(entry["rows_read"] for entry in report["files"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    queue.put((time.perf_counter() - begun, peak, rows))


def main():
    """Print seconds and peak of both, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    context, spent = multiprocessing.get_context("spawn"), []
    with tempfile.TemporaryDirectory() as scratch:
        # In a process of its own: what it takes is not in the others' peaks.
        made = Path(scratch) / "twins"
        writing = context.Process(target=twins, args=(given.folder, made))
        writing.start()
        writing.join()
        for folder in (made / "csv", made / "dump"):
            queue = context.Queue()
            out = Path(scratch) / f"tables_{folder.name}"
            process = context.Process(target=measured, args=(folder, out, queue))
            process.start()
            seconds, peak, rows = queue.get()
            process.join()
            spent.append(seconds)
            print(f"{folder.name:6s} {seconds:7.1f} s {peak:6.1f} GiB {rows:12,} rows", flush=True)
    print(f"dump / csv {spent[1] / spent[0]:.2f}")


if __name__ == "__main__":
    main()
