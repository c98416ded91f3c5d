"""Two runs of nearly the same exports, made once for all tests that look at either.

The second lacks one pupil, one answer sheet and one teacher. Both have a school of four pupils, and
one with a hostile name.
"""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from pilot_analysis.cli import main

HOSTILE = "=CMD(1)<script>alert(4711)</script>$_{$#emph[x]"


def drop_first(path, **wanted):
    """Remove the first row that has these values; returns it."""
    table = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
    row = table[np.logical_and.reduce([table[c] == v for c, v in wanted.items()])].iloc[0]
    table.drop(index=row.name).to_csv(path, sep=";", index=False)
    return row


def leave_four(raw):
    """Leave four pupils at one comparison school; returns its name."""
    exposure, schools, pupils = (
        pd.read_csv(raw / f"{name}.csv", sep=";", dtype=str, keep_default_na=False)
        for name in ("exponering", "skolor", "elever")
    )
    began = exposure.loc[exposure["status"] == "pilot", "skola"]
    school = schools[(schools["skolform"] == "GR") & ~schools["skola"].isin(began)].iloc[0]
    there = pupils["skolenhetskod"] == school["skolenhetskod"]
    gone = set(pupils.loc[there, "elev_id"].drop_duplicates().iloc[4:])
    for path in raw.glob("*.csv"):
        table = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
        if "elev_id" in table:
            table[~table["elev_id"].isin(gone)].to_csv(path, sep=";", index=False)
    return school["skola"]


def without_one_of_each(raw):
    """Remove a pupil, an answer sheet of a pupil and one of a teacher, all at one pilot school."""
    exposure, schools = (
        pd.read_csv(raw / f"{name}.csv", sep=";", dtype=str) for name in ("exponering", "skolor")
    )
    began = exposure.loc[exposure["status"] == "pilot", "skola"]
    pilot = schools.loc[
        (schools["skolform"] == "GR") & schools["skola"].isin(began), "skolenhetskod"
    ].iloc[0]
    pupil = drop_first(raw / "elever.csv", skolenhetskod=pilot, termin="HT2019")["elev_id"]
    for path in raw.glob("*.csv"):
        table = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
        if "elev_id" in table:
            table[table["elev_id"] != pupil].to_csv(path, sep=";", index=False)
    after = "VT2020"
    sheet = drop_first(raw / "elevenkat.csv", skolenhetskod=pilot, termin=after)
    drop_first(raw / "personalenkat.csv", skolenhetskod=pilot, termin=after, roll="larare")
    return sheet


def name_hostile(raw):
    """Give a comparison school a name made to be run as a script, a formula, or markup."""
    for path in raw.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("Apelhultskolan", HOSTILE), encoding="utf-8")


def make_two_runs(base, exports, options):
    """Make both runs in a folder, and write down what an attacker knows beforehand.

    The exports are in `raw`, the runs in `reports`, the pseudonyms' key in `key`.
    """
    known = {}
    with pytest.MonkeyPatch().context() as patch:
        patch.setenv("PILOT_KEY_FILE", str(base / "key" / "key"))
        for name in ("with", "without"):
            raw = base / "raw" / name
            shutil.copytree(exports, raw)
            (raw / "truth.json").unlink()
            name_hostile(raw)
            known["small"] = leave_four(raw)
            if name == "without":
                known["sheet"] = without_one_of_each(raw).to_dict()
            out = base / "reports" / name
            done = CliRunner().invoke(main, ["run", "--raw", str(raw), "--out", str(out), *options])
            assert done.exit_code == 0, done.output
    (base / "known.json").write_text(json.dumps(known))
