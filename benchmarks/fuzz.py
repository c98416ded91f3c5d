"""Coverage-guided fuzzing of what reads strangers' text: exports, scenarios, sweeps.

    .venv/bin/python -m pip install atheris
    .venv/bin/python benchmarks/fuzz.py -max_total_time=300

Every input ends in a message or a result. Anything else (a traceback, ten seconds, 2 GiB) stops the
fuzzer, which writes the input that did it. Other options are libFuzzer's.
"""

import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ModuleNotFoundError:
    raise SystemExit(
        "fuzzing needs a package that nothing else here does: "
        ".venv/bin/python -m pip install atheris"
    ) from None

with atheris.instrument_imports(include=["pilot_analysis"]):
    from pilot_analysis import parameters
    from pilot_analysis.ingest import files, loading
    from pilot_analysis.ingest.contracts import TABLES
    from pilot_analysis.ingest.keys import Keys

import duckdb

from pilot_analysis.errors import PilotError

ROOT = Path(__file__).resolve().parents[1]
SCRATCH = Path(tempfile.mkdtemp(prefix="pilot-fuzz-"))
STEMS = list(TABLES)
PLACES = [*STEMS, "scenario", "sweep"]


def seeds(folder):
    """Write one small good input for each place as a beginning."""
    sys.path.insert(0, str(ROOT / "tests"))
    from hand import HAND

    for number, place in enumerate(PLACES):
        text = HAND.get(place, "ci_level: 0.9\nfirst_term: HT2018\nexclude_schools: [A, B]\n")
        if place == "sweep":
            text = "set: {seed: 1}\ngrid:\n  ci_level: [0.9, 0.95]\n"
        (folder / place).write_bytes(bytes([number]) + text.encode())


def read(data):
    """Read one input; the first byte says as what."""
    if not data:
        return
    place, content = PLACES[data[0] % len(PLACES)], data[1:]
    if place in ("scenario", "sweep"):
        path = SCRATCH / "scenario.yml"
        path.write_bytes(content)
        load = parameters.load if place == "scenario" else parameters.load_sweep
        try:
            load(path)
        except PilotError as error:
            assert "Traceback" not in str(error)
        return
    path = SCRATCH / f"{place}.csv"
    path.write_bytes(content)
    raw, problems = files.open_file(path, TABLES[place], SCRATCH, {})
    if raw is None:
        assert problems
        return
    with duckdb.connect() as database:
        database.execute("SET memory_limit = '1GB'; SET threads = 1")
        rows, problems = loading.load(database, TABLES[place], [raw], {}, Keys(b"k" * 32))
        for problem in problems:
            str(problem)
        # Nothing is lost: what was counted is what can be read.
        if not problems:
            view = f"raw_{TABLES[place].english}"
            assert database.execute(f"SELECT count(*) FROM {view}").fetchone()[0] == sum(
                rows.values()
            )


def main():
    """Fuzz until told to stop."""
    corpus = SCRATCH / "corpus"
    corpus.mkdir()
    seeds(corpus)
    options = ["-timeout=10", "-rss_limit_mb=2048", "-max_len=4096", *sys.argv[1:], str(corpus)]
    atheris.Setup([sys.argv[0], *options], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
