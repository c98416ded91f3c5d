"""Two runs of nearly the same real-shaped exports, and what comes after one of them.

Made once for all tests that look at either. The exports hold what identifies a pupil, a school of
four pupils and one with a hostile name; the second run's lack one pupil, one answer sheet and one
teacher. The first goes on: again with nothing to do, with one value changed, and then every way in
which a step fails.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from canaries import NAMES, NUMBERS, found_in, plant, rewrite

from pilot_analysis.files import digest
from pilot_analysis.runs.configure import private

PILOT = Path(sys.executable).with_name("pilot")
ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "=CMD(1)<script>alert(4711)</script>$_{$#emph[x]"
# A shipped scenario. Its path is relative: the command is one that a document could show.
SCENARIO = "params/no_remote_weeks.yml"


def results(folder):
    """Return every file of a run's folder and its digest."""
    return {str(p.relative_to(folder)): digest(p) for p in sorted(folder.rglob("*")) if p.is_file()}


# --- Exports ---------------------------------------------------------------------------------


def _read(raw, name):
    return pd.read_csv(raw / f"{name}.csv", sep=";", dtype=str, keep_default_na=False)


def _without_pupils(raw, gone):
    for path in raw.glob("*.csv"):
        table = _read(raw, path.stem)
        if "elev_id" in table:
            table[~table["elev_id"].isin(gone)].to_csv(path, sep=";", index=False)


def _lower_secondary(raw, *, pilot):
    """Return the schools' rows of an arm, in the order of the file."""
    exposure, schools = _read(raw, "exponering"), _read(raw, "skolor")
    began = exposure.loc[exposure["status"] == "pilot", "skola"]
    return schools[(schools["skolform"] == "GR") & (schools["skola"].isin(began) == pilot)]


def _drop_last(raw, name, **wanted):
    """Remove the last row that has these values; returns it."""
    table = _read(raw, name)
    row = table[np.logical_and.reduce([table[c] == v for c, v in wanted.items()])].iloc[-1]
    table.drop(index=row.name).to_csv(raw / f"{name}.csv", sep=";", index=False)
    return row


def leave_four(raw):
    """Leave four pupils at a comparison school; returns its name."""
    school, pupils = _lower_secondary(raw, pilot=False).iloc[1], _read(raw, "elever")
    there = pupils["skolenhetskod"] == school["skolenhetskod"]
    _without_pupils(raw, set(pupils.loc[there, "elev_id"].drop_duplicates().iloc[4:]))
    return school["skola"]


def without_one_of_each(raw):
    """Remove a pupil, an answer sheet of a pupil and one of a teacher, all at one pilot school."""
    own = {"skolenhetskod": _lower_secondary(raw, pilot=True).iloc[1]["skolenhetskod"]}
    _without_pupils(raw, {_drop_last(raw, "elever", **own, termin="HT2019")["elev_id"]})
    sheet = _drop_last(raw, "elevenkat", **own, termin="VT2020")
    _drop_last(raw, "personalenkat", **own, termin="VT2020", roll="larare")
    return sheet


def name_hostile(raw):
    """Give a comparison school a name made to be run as a script, a formula, or markup."""
    for path in raw.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("Apelhultskolan", HOSTILE), encoding="utf-8")


def _bad_cells(header, rows):
    for row in rows[:20]:
        row[header.index("minuter")] = NUMBERS[0]
        row[header.index("datum")] = NAMES[0]
        row[header.index("typ")] = NUMBERS[4]


# --- Runs ------------------------------------------------------------------------------------


def command(raw, out, options):
    """Return what runs exports into a folder."""
    return ["run", SCENARIO, "--raw", str(raw), "--out", str(out), *options]


def _break_a_table(work):
    """Damage a table behind the stamp's back, so that the notebooks that read it fail."""
    table = work / "processed" / "pupil_terms.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:1000])
    seal = work / "processed" / ".ingested.json"
    stamp = json.loads(seal.read_text())
    seal.write_text(json.dumps(stamp | {"outputs": stamp["outputs"] | {str(table): digest(table)}}))
    return table, whole


def make_real_runs(base, scenario, options):
    """Fill a folder with both runs and `stages.json`: what each stage said and left.

    The exports are in `raw`, both runs as they were first published in `reports`, the pseudonyms'
    key in `key`, what an attacker knows beforehand in `known.json`.
    """
    exports, out, reports = base / "raw" / "with", base / "out" / "with", base / "reports"
    work, stages = private(out), {}

    def pilot(stage, *arguments, left=out):
        done = subprocess.run(
            [str(PILOT), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=os.environ | {"PILOT_KEY_FILE": str(base / "key" / "key")},
        )
        said = {"code": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
        stages[stage] = said | {"left": results(left)}

    plant(exports, scenario)
    name_hostile(exports)
    known = {"small": leave_four(exports)}
    shutil.copytree(exports, base / "raw" / "without")
    known["sheet"] = without_one_of_each(base / "raw" / "without").to_dict()
    (base / "known.json").write_text(json.dumps(known))
    other = reports / "without"
    pilot("without", *command(base / "raw" / "without", other, options), left=other)

    run = command(exports, out, options)
    pilot("whole", *run)
    shutil.copytree(out, reports / "with")
    shutil.copytree(work / "private", base / "exact")
    pilot("again", *run)
    # What Snakemake remembers is damaged; all that counts is in the stamps.
    shutil.rmtree(work / ".snakemake", ignore_errors=True)
    (work / ".snakemake").write_bytes(bytes(range(256)))
    run += ["-p", "survey_min_answers=11"]
    pilot("changed", *run)
    pilot("compared", "compare", reports / "with", out, "--out", base / "page")

    table, content = _break_a_table(work)
    pilot("table broken", *run)
    stages["table broken"]["failed"] = [p.name for p in (work / "failed").glob("*.ipynb")]
    table.write_bytes(content)

    grades = next(exports.glob("betyg*.csv"))
    content = grades.read_bytes()
    grades.write_bytes(content[:-30])
    pilot("file cut", *run)
    stages["file cut"]["file"] = grades.name
    grades.write_bytes(content)

    absence = next(exports.glob("franvaro*.csv"))
    cells = absence.read_bytes()
    rewrite(absence, _bad_cells)
    pilot("cells wrong", *run)
    pilot("cells checked", "check", exports, "--json")
    absence.write_bytes(cells)

    # The reader itself fails: its own message would quote the line.
    grades.write_text(grades.read_text("utf-8") + f'{NUMBERS[0]};"{NAMES[0]}\n', "utf-8")
    pilot("line wrong", *run)
    grades.write_bytes(content)

    stages["canaries"] = [*found_in(reports), *found_in(out), *found_in(work)]
    (base / "stages.json").write_text(json.dumps(stages))
