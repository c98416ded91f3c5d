"""Ingest against a straightforward pandas version and a bare typed parse, in one run.

The task all three share: absence reports to minutes absent a pupil, school and week, where the
newest registration of a lesson wins and one of 0 minutes cancels it. Ours also checks every cell
against the contract, replaces identifiers by pseudonyms, and accounts for every row; pandas does
none of this. The parse only reads the same typed columns.

    .venv/bin/pilot simulate --scale 13 --out exports
    .venv/bin/python benchmarks/ingest.py exports

Each part runs in a process of its own, so that its peak memory is its own.
"""

import argparse
import concurrent.futures
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

KEY = b"k" * 32


def with_pandas(folder):
    """Read, keep the newest registration, sum by week: what an analyst writes first."""
    import pandas as pd

    parts = [
        pd.read_csv(
            path,
            sep=";",
            dtype={"elev_id": str, "skolenhetskod": str, "typ": "category"},
            usecols=[
                "elev_id",
                "skolenhetskod",
                "datum",
                "lektion_start",
                "minuter",
                "typ",
                "registrerad",
            ],
            parse_dates=["datum", "registrerad"],
        )
        for path in sorted(folder.glob("franvaro*.csv"))
    ]
    reports = pd.concat(parts, ignore_index=True)
    reports = reports.sort_values("registrerad", kind="stable").drop_duplicates(
        ["elev_id", "datum", "lektion_start"], keep="last"
    )
    reports = reports[reports["minuter"] > 0]
    week = reports["datum"].dt.isocalendar()
    reports = reports.assign(
        year=week["year"],
        week=week["week"],
        invalid=reports["minuter"].where(reports["typ"] == "ogiltig", 0),
    )
    keys = ["elev_id", "skolenhetskod", "year", "week"]
    return len(reports.groupby(keys, observed=True)[["minuter", "invalid"]].sum())


def parse_only(folder):
    """Let DuckDB read the same columns as types and count them."""
    import duckdb

    return (
        duckdb.connect()
        .execute(
            f"""SELECT count(elev_id), count(skolenhetskod), sum(minuter), max(datum),
                   max(lektion_start), max(typ), max(registrerad), count(amne)
        FROM read_csv('{folder}/franvaro*.csv', delim=';', header=true, columns={{
            'elev_id': 'VARCHAR', 'skolenhetskod': 'VARCHAR', 'datum': 'DATE',
            'lektion_start': 'TIME', 'minuter': 'INTEGER', 'typ': 'VARCHAR', 'amne': 'VARCHAR',
            'registrerad': 'TIMESTAMP'}})"""
        )
        .fetchone()[0]
    )


def ours(folder):
    """Time ingest's own steps for absence: opening and checking the files, typing, judging."""
    from pilot_analysis import ingest as package
    from pilot_analysis.forms import SCHOOL_FORMS
    from pilot_analysis.ingest import clean, lessons, loading
    from pilot_analysis.ingest.contracts import TABLES
    from pilot_analysis.ingest.files import open_all
    from pilot_analysis.ingest.intake.exports import prepare
    from pilot_analysis.ingest.keys import Keys
    from pilot_analysis.ingest.rules import Rules

    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        database = package._connect(work)
        begun = time.perf_counter()
        exports = prepare(folder, work / "copies", {})
        opened, _ = open_all(exports.sources, work, {})
        # Opening looks at every file; absence has most of the bytes.
        files = {stem: sum(file.size for file in found) for stem, found in opened.items()}
        seconds = (time.perf_counter() - begun) * files["franvaro"] / sum(files.values())
        keys = Keys(KEY)
        for stem, table in TABLES.items():
            begun = time.perf_counter()
            loading.load(database, table, opened.get(stem, []), {}, keys)
            if stem == "franvaro":
                seconds += time.perf_counter() - begun
        begun = time.perf_counter()
        keys.write(database)
        seconds += time.perf_counter() - begun
        clean.schools(database, SCHOOL_FORMS)
        clean.exposure(database)
        clean.calendar(database, SCHOOL_FORMS, {})
        clean.pupil_stays(database, SCHOOL_FORMS)
        lessons.weeks(database, Rules().unmatched_share)
        begun = time.perf_counter()
        lessons.absence(database)
        return seconds + time.perf_counter() - begun


def whole(folder):
    """Ingest everything: all tables, rules between them, parquet written."""
    from pilot_analysis.ingest import ingest

    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        report = ingest(folder, Path(scratch), key=KEY)
        return sum(entry["rows_read"] for entry in report["files"])


def measured(part, folder):
    begun = time.perf_counter()
    found = part(folder)
    seconds = found if part is ours else time.perf_counter() - begun
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    context = multiprocessing.get_context("spawn")
    results = {}
    for part in (parse_only, ours, with_pandas, whole):
        # A process each, whose memory is its own; what goes wrong in it is raised here.
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            results[part.__name__] = pool.submit(measured, part, folder).result()
        seconds, memory, found = results[part.__name__]
        print(f"{part.__name__:12s} {seconds:7.1f} s {memory:6.1f} GiB  {found}", flush=True)
    own = results["ours"][0]
    print(f"pandas / ours       {results['with_pandas'][0] / own:.1f}")
    print(f"ours / typed parse  {own / results['parse_only'][0]:.1f}")


if __name__ == "__main__":
    main()
