"""One run of real-shaped exports and what comes after it, made once for all tests that look at it.

A run from files to report, again with nothing to do, with one value changed, and then every way in
which a step fails, on exports that hold what identifies a pupil.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from canaries import NAMES, NUMBERS, found_in, plant, rewrite

from pilot_analysis.files import digest
from pilot_analysis.runs.configure import private

PILOT = Path(sys.executable).with_name("pilot")
ROOT = Path(__file__).resolve().parents[1]


def results(folder):
    """Return every file of a run's folder and its digest."""
    return {str(p.relative_to(folder)): digest(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def _break_a_table(work):
    """Damage a table behind the stamp's back, so that the notebooks that read it fail."""
    table = work / "processed" / "pupil_terms.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:1000])
    seal = work / "processed" / ".ingested.json"
    stamp = json.loads(seal.read_text())
    seal.write_text(json.dumps(stamp | {"outputs": stamp["outputs"] | {str(table): digest(table)}}))
    return table, whole


def _bad_cells(header, rows):
    for row in rows[:20]:
        row[header.index("minuter")] = NUMBERS[0]
        row[header.index("datum")] = NAMES[0]
        row[header.index("typ")] = NUMBERS[4]


def make_real_run(folder, scenario, options):
    """Fill a folder with the run and `stages.json`: what each stage said and left."""
    exports, out = folder / "exports", folder / "out"
    work, stages = private(out), {}
    plant(exports, scenario)

    def pilot(stage, *arguments):
        done = subprocess.run(
            [str(PILOT), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=os.environ | {"PILOT_KEY_FILE": str(folder / "home" / "key")},
        )
        said = {"code": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
        stages[stage] = said | {"left": results(out)}

    # A shipped scenario. Its path is relative: the command is one that a document could show.
    command = ("run", "params/no_remote_weeks.yml", "--raw", exports, "--out", out, *options)
    pilot("whole", *command)
    shutil.copytree(out, folder / "whole")
    pilot("again", *command)
    # What Snakemake remembers is damaged; all that counts is in the stamps.
    shutil.rmtree(work / ".snakemake", ignore_errors=True)
    (work / ".snakemake").write_bytes(bytes(range(256)))
    command = (*command, "-p", "survey_min_answers=11")
    pilot("changed", *command)
    pilot("compared", "compare", folder / "whole", out, "--out", folder / "page")

    table, content = _break_a_table(work)
    pilot("table broken", *command)
    stages["table broken"]["failed"] = [p.name for p in (work / "failed").glob("*.ipynb")]
    table.write_bytes(content)

    grades = next(exports.glob("betyg*.csv"))
    content = grades.read_bytes()
    grades.write_bytes(content[:-30])
    pilot("file cut", *command)
    stages["file cut"]["file"] = grades.name
    grades.write_bytes(content)

    absence = next(exports.glob("franvaro*.csv"))
    content = absence.read_bytes()
    rewrite(absence, _bad_cells)
    pilot("cells wrong", *command)
    pilot("cells checked", "check", exports, "--json")
    absence.write_bytes(content)

    # The reader itself fails: its own message would quote the line.
    grades.write_text(grades.read_text("utf-8") + f'{NUMBERS[0]};"{NAMES[0]}\n', "utf-8")
    pilot("line wrong", *command)

    stages["canaries"] = [*found_in(out), *found_in(work)]
    (folder / "stages.json").write_text(json.dumps(stages))
